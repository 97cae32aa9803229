/* SPDX-License-Identifier: MIT */
/*
 * Two threads use maps under one lock, twenty times each, and stay 3 ms inside
 * it; so one of them always waits.
 */
#ifndef TESTS_PERF_MAPS_H
#define TESTS_PERF_MAPS_H

#include <glib.h>

#include "program.h"

struct maps_user {
	GHashTable *map;
	int key;
	int writes;
};

static pthread_mutex_t maps_lock = PTHREAD_MUTEX_INITIALIZER;
static int maps_begun;

static inline void *maps_use(void *data)
{
	const struct maps_user *u = (const struct maps_user *)data;

	meet(&maps_begun, 2);
	for (int i = 0; i < 20; i++) {
		pthread_mutex_lock(&maps_lock);
		if (u->writes)
			g_hash_table_replace(u->map, GINT_TO_POINTER(u->key),
					     NULL);
		else
			g_hash_table_lookup(u->map, GINT_TO_POINTER(u->key));
		usleep(3000);
		pthread_mutex_unlock(&maps_lock);
	}
	return NULL;
}

static inline void maps_run(const struct maps_user *one,
			    const struct maps_user *other)
{
	pthread_t t = thread_start(maps_use, (void *)one);

	maps_use((void *)other);
	thread_end(t);
	g_hash_table_destroy(one->map);
	if (other->map != one->map)
		g_hash_table_destroy(other->map);
}

#endif

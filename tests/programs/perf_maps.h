/* SPDX-License-Identifier: MIT */
/*
 * Two threads use maps under one lock, twenty times each, and compute for 3 ms
 * inside it; so one of them always waits.
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

/* No call that blocks: what a section waits for is another finding. */
static inline void maps_compute(void)
{
	struct timespec begin, now;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - begin.tv_sec) * 1000000000L + now.tv_nsec -
		       begin.tv_nsec <
	       3000000);
}

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
		maps_compute();
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

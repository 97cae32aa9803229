/* SPDX-License-Identifier: MIT */
/*
 * For programs in which a thread waits 20 ms for a lock: the main thread has
 * it and uses a table, then the other one does.
 */
#ifndef TESTS_GUARD_H
#define TESTS_GUARD_H

#include <glib.h>

#include "program.h"

struct guard_use {
	GHashTable *table;
	int key;
};

static pthread_mutex_t guard_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t guard_held;

static void *guard_wait(void *arg)
{
	const struct guard_use *use = arg;

	pthread_barrier_wait(&guard_held);
	pthread_mutex_lock(&guard_lock);
	g_hash_table_add(use->table, GINT_TO_POINTER(use->key));
	pthread_mutex_unlock(&guard_lock);
	return NULL;
}

static inline void guard_run(const struct guard_use *holder,
			     struct guard_use *waiter)
{
	pthread_t t;

	pthread_barrier_init(&guard_held, NULL, 2);
	t = thread_start(guard_wait, waiter);
	pthread_mutex_lock(&guard_lock);
	pthread_barrier_wait(&guard_held);
	g_hash_table_add(holder->table, GINT_TO_POINTER(holder->key));
	usleep(20000);
	pthread_mutex_unlock(&guard_lock);
	thread_end(t);
	printf("%u %u\n", g_hash_table_size(holder->table),
	       g_hash_table_size(waiter->table));
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * For programs that look a key up in one critical section and write it in
 * another: a table with names for keys, each time in another buffer, and a
 * lock.
 */
#ifndef TESTS_CHECKED_H
#define TESTS_CHECKED_H

#include <glib.h>

#include "order.h"

static pthread_mutex_t checked_lock = PTHREAD_MUTEX_INITIALIZER;
static GHashTable *checked_table;

static inline void checked_new(GHashFunc hash, GEqualFunc equal)
{
	checked_table = g_hash_table_new_full(hash, equal, g_free, NULL);
}

static inline void checked_end(void)
{
	printf("%u\n", g_hash_table_size(checked_table));
	g_hash_table_destroy(checked_table);
}

/* A new table, used by two threads that take turns. */
static inline void checked_by(GHashFunc hash, GEqualFunc equal,
			      void *(*first)(void *), void *(*second)(void *))
{
	void *(*const bodies[])(void *) = { first, second };

	checked_new(hash, equal);
	turn_restart();
	run_threads(bodies, 2);
	checked_end();
}

static inline int checked_look(const char *name)
{
	char *key = g_strdup(name);
	int found;

	pthread_mutex_lock(&checked_lock);
	found = g_hash_table_contains(checked_table, key);
	pthread_mutex_unlock(&checked_lock);
	g_free(key);
	return found;
}

static inline void checked_put(const char *name, int value)
{
	pthread_mutex_lock(&checked_lock);
	g_hash_table_insert(checked_table, g_strdup(name),
			    GINT_TO_POINTER(value));
	pthread_mutex_unlock(&checked_lock);
}

/* Looks lunch up in the first turn, and puts it in in the third. */
static inline void *checked_lunch(void *unused)
{
	int found;

	turn_begin(0);
	found = checked_look("lunch");
	turn_end();
	turn_begin(2);
	if (!found)
		checked_put("lunch", 12);
	turn_end();
	return unused;
}

/* In the second turn. */
static inline void *checked_other_lunch(void *unused)
{
	turn_begin(1);
	checked_put("lunch", 13);
	turn_end();
	return unused;
}

#endif

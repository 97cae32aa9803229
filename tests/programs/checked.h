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

#endif

/* SPDX-License-Identifier: MIT */
/*
 * GHashTable: one thread looks up what another has inserted under a mutex,
 * without it.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: map-race-hb
 */
#include <glib.h>

#include "unordered.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static GHashTable *table;

static void add(int number)
{
	pthread_mutex_lock(&m);
	g_hash_table_add(table, GINT_TO_POINTER(number));
	pthread_mutex_unlock(&m);
}

static void *finder(void *unused)
{
	add(1);
	turn_end();
	turn_begin(2);
	printf("%d\n", g_hash_table_contains(table, GINT_TO_POINTER(2)));
	return unused;
}

int main(void)
{
	pthread_t t;

	table = g_hash_table_new(NULL, NULL);
	t = thread_start(finder, NULL);
	turn_begin(1);
	add(2);
	add(3);
	turn_end();
	thread_end(t);
	g_hash_table_destroy(table);
	return 0;
}

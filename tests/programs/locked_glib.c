/* SPDX-License-Identifier: MIT */
/*
 * GHashTable: every kind of call from two threads, under a mutex.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: nothing
 * allow: perf-hot
 */
#include <glib.h>

#include "program.h"

#define N 2000

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static GHashTable *table;

static gboolean is_multiple_of_3(gpointer key, gpointer value, gpointer data)
{
	(void)value;
	(void)data;
	return GPOINTER_TO_INT(key) % 3 == 0;
}

static void add_up(gpointer key, gpointer value, gpointer sum)
{
	(void)value;
	*(long *)sum += GPOINTER_TO_INT(key);
}

static void *worker(void *arg)
{
	int first = GPOINTER_TO_INT(arg);

	for (int i = first; i < first + N; i++) {
		pthread_mutex_lock(&m);
		g_hash_table_insert(table, GINT_TO_POINTER(i), arg);
		g_hash_table_lookup(table, GINT_TO_POINTER(i - 1));
		if (i % 2)
			g_hash_table_remove(table, GINT_TO_POINTER(i));
		else
			g_hash_table_replace(table, GINT_TO_POINTER(i), arg);
		pthread_mutex_unlock(&m);
	}
	return NULL;
}

int main(void)
{
	GHashTableIter it;
	gpointer key;
	gpointer value;
	pthread_t t;
	long sum = 0;
	int n = 0;

	table = g_hash_table_new(NULL, NULL);
	t = thread_start(worker, GINT_TO_POINTER(10));
	worker(GINT_TO_POINTER(10 + N));
	thread_end(t);

	printf("%u\n",
	       g_hash_table_foreach_remove(table, is_multiple_of_3, NULL));
	g_hash_table_foreach(table, add_up, &sum);
	printf("%ld\n", sum);
	g_hash_table_iter_init(&it, table);
	while (g_hash_table_iter_next(&it, &key, &value))
		if (++n % 2)
			g_hash_table_iter_remove(&it);
	printf("%d %u\n", n, g_hash_table_size(table));
	g_hash_table_steal(table, key);
	g_hash_table_remove_all(table);
	printf("%u\n", g_hash_table_size(table));
	g_hash_table_ref(table);
	g_hash_table_unref(table);
	g_hash_table_destroy(table);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A thread iterates with the lock held, another one removes a key without it
 * between two steps.  No two calls are inside at once.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * allow: map-race-hb
 * expect: map-iter-invalidated
 */
#include <glib.h>

#include "order.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static GHashTable *table;

/* GLib says on stderr that the iterator is not valid. */
static GLogWriterOutput say_nothing(GLogLevelFlags level, const GLogField *f,
				    gsize n, gpointer unused)
{
	(void)level;
	(void)f;
	(void)n;
	(void)unused;
	return G_LOG_WRITER_HANDLED;
}

static void *iterate(void *unused)
{
	GHashTableIter it;
	gpointer key;

	pthread_mutex_lock(&m);
	g_hash_table_iter_init(&it, table);
	g_hash_table_iter_next(&it, &key, NULL);
	turn_begin(0);
	turn_end();
	turn_begin(2);
	g_hash_table_iter_next(&it, &key, NULL);
	turn_end();
	pthread_mutex_unlock(&m);
	return unused;
}

static void *write_it(void *unused)
{
	turn_begin(1);
	g_hash_table_remove(table, GINT_TO_POINTER(2));
	turn_end();
	return unused;
}

int main(void)
{
	void *(*const bodies[])(void *) = { iterate, write_it };

	g_log_set_writer_func(say_nothing, NULL, NULL);
	table = g_hash_table_new(NULL, NULL);
	for (int i = 1; i <= 3; i++)
		g_hash_table_add(table, GINT_TO_POINTER(i));
	run_threads(bodies, 2);
	printf("%u\n", g_hash_table_size(table));
	g_hash_table_destroy(table);
	return 0;
}

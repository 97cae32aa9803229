/* SPDX-License-Identifier: MIT */
/*
 * A key is removed during an iteration, not through the iterator.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: map-iter-invalidated
 */
#include <glib.h>

#include "program.h"

static GLogWriterOutput say_nothing(GLogLevelFlags level, const GLogField *f,
				    gsize n, gpointer unused)
{
	(void)level;
	(void)f;
	(void)n;
	(void)unused;
	return G_LOG_WRITER_HANDLED;
}

int main(void)
{
	GHashTable *table = g_hash_table_new(NULL, NULL);
	GHashTableIter it;
	gpointer key;

	g_log_set_writer_func(say_nothing, NULL, NULL);
	for (int i = 1; i <= 3; i++)
		g_hash_table_add(table, GINT_TO_POINTER(i));
	g_hash_table_iter_init(&it, table);
	while (g_hash_table_iter_next(&it, &key, NULL))
		g_hash_table_remove(table, key);
	printf("%u\n", g_hash_table_size(table));
	g_hash_table_destroy(table);
	return 0;
}

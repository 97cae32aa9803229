/* SPDX-License-Identifier: MIT */
/*
 * The function that foreach calls removes an element.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: map-reentrant
 */
#include <glib.h>

#include "program.h"

static GHashTable *table;

static GLogWriterOutput say_nothing(GLogLevelFlags level, const GLogField *f,
				    gsize n, gpointer unused)
{
	(void)level;
	(void)f;
	(void)n;
	(void)unused;
	return G_LOG_WRITER_HANDLED;
}

static void remove_it(gpointer key, gpointer value, gpointer unused)
{
	(void)value;
	(void)unused;
	g_hash_table_remove(table, key);
}

int main(void)
{
	table = g_hash_table_new(NULL, NULL);
	g_log_set_writer_func(say_nothing, NULL, NULL);
	for (int i = 1; i <= 3; i++)
		g_hash_table_add(table, GINT_TO_POINTER(i));
	g_hash_table_foreach(table, remove_it, NULL);
	g_hash_table_destroy(table);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A library for overlap_rtld_local.c and locked_rtld_local.c: it brings GLib
 * into a program that does not have it.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 */
#include <glib.h>

void plugin_begin(unsigned (*hash)(const void *));
void plugin_add(long key);
int plugin_has(long key);
unsigned plugin_end(void);

static GHashTable *table;

void plugin_begin(unsigned (*hash)(const void *))
{
	table = g_hash_table_new(hash, g_direct_equal);
}

void plugin_add(long key)
{
	g_hash_table_add(table, (gpointer)key);
}

int plugin_has(long key)
{
	return g_hash_table_contains(table, (gconstpointer)key);
}

unsigned plugin_end(void)
{
	unsigned n = g_hash_table_size(table);

	g_hash_table_destroy(table);
	return n;
}

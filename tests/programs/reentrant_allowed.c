/* SPDX-License-Identifier: MIT */
/*
 * Calls from callbacks that are right: looking up from a foreach, replacing a
 * value from it, and putting something in from an element's free function.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: nothing
 */
#include <glib.h>

#include "program.h"

static GHashTable *table;
static int sum;

static void look(gpointer key, gpointer value, gpointer unused)
{
	(void)unused;
	sum += GPOINTER_TO_INT(g_hash_table_lookup(table, key));
	g_hash_table_insert(table, key, value);
}

static void put_another(gpointer value)
{
	if (GPOINTER_TO_INT(value) == 2)
		g_hash_table_insert(table, GINT_TO_POINTER(20), NULL);
}

int main(void)
{
	table = g_hash_table_new_full(NULL, NULL, NULL, put_another);
	for (int i = 3; i <= 5; i++)
		g_hash_table_insert(table, GINT_TO_POINTER(i),
				    GINT_TO_POINTER(i));
	g_hash_table_foreach(table, look, NULL);
	g_hash_table_insert(table, GINT_TO_POINTER(2), GINT_TO_POINTER(2));
	g_hash_table_remove(table, GINT_TO_POINTER(2));
	printf("%d %u\n", sum, g_hash_table_size(table));
	g_hash_table_destroy(table);
	return 0;
}

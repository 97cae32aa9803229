/* SPDX-License-Identifier: MIT */
/*
 * Iterations that are right: removal through the iterator, values replaced,
 * keys removed after the last step, an iteration given up and begun anew.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: nothing
 */
#include <glib.h>

#include "program.h"

int main(void)
{
	GHashTable *table = g_hash_table_new(NULL, NULL);
	GHashTableIter it;
	gpointer key;
	guint n = 0;

	for (int i = 1; i <= 9; i++)
		g_hash_table_add(table, GINT_TO_POINTER(i));

	g_hash_table_iter_init(&it, table);
	while (g_hash_table_iter_next(&it, &key, NULL)) {
		g_hash_table_insert(table, key, NULL);
		if (GPOINTER_TO_INT(key) % 2)
			g_hash_table_iter_remove(&it);
		else
			g_hash_table_iter_replace(&it, NULL);
		n++;
	}
	printf("%u %u\n", n, g_hash_table_size(table));

	g_hash_table_iter_init(&it, table);
	g_hash_table_iter_next(&it, &key, NULL);
	g_hash_table_remove(table, key);
	g_hash_table_iter_init(&it, table);
	while (g_hash_table_iter_next(&it, &key, NULL))
		n++;
	g_hash_table_remove_all(table);
	printf("%u %u\n", n, g_hash_table_size(table));
	g_hash_table_destroy(table);
	return 0;
}

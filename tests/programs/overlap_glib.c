/* SPDX-License-Identifier: MIT */
/*
 * GHashTable: a lookup while another thread inserts; the hash function
 * waits for both.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: map-race-overlap
 */
#include <glib.h>

#include "program.h"

static int wait_for_both;
static int inside;

static guint hash(gconstpointer key)
{
	if (wait_for_both)
		meet(&inside, 2);
	return g_direct_hash(key);
}

static void *finder(void *table)
{
	g_hash_table_contains((GHashTable *)table, GINT_TO_POINTER(1));
	return NULL;
}

int main(void)
{
	GHashTable *table = g_hash_table_new(hash, g_direct_equal);
	pthread_t t;

	g_hash_table_add(table, GINT_TO_POINTER(1));
	wait_for_both = 1;
	t = thread_start(finder, table);
	g_hash_table_add(table, GINT_TO_POINTER(2));
	thread_end(t);

	printf("%u\n", g_hash_table_size(table));
	g_hash_table_destroy(table);
	return 0;
}

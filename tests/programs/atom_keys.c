/* SPDX-License-Identifier: MIT */
/*
 * As atom_check.c, but each thread with names of its own; in a second table,
 * with a hash function of the program's own, which makes one key of all
 * names: nobody else can know that, so nothing is said of its keys.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: nothing
 */
#include "checked.h"

static guint hash_nothing(gconstpointer key)
{
	(void)key;
	return 1;
}

static gboolean are_equal(gconstpointer a, gconstpointer b)
{
	(void)a;
	(void)b;
	return TRUE;
}

static void *first(void *own)
{
	int found;

	turn_begin(0);
	found = checked_look("lunch");
	turn_end();
	turn_begin(2);
	if (!found)
		checked_put("lunch", 12);
	turn_end();
	return own;
}

static void *second(void *unused)
{
	turn_begin(1);
	checked_put("luncheon", 13);
	turn_end();
	return unused;
}

int main(void)
{
	void *(*const bodies[])(void *) = { first, second };

	checked_new(g_str_hash, g_str_equal);
	run_threads(bodies, 2);
	printf("%u\n", g_hash_table_size(checked_table));
	g_hash_table_destroy(checked_table);

	order_turn = 0;
	checked_new(hash_nothing, are_equal);
	run_threads(bodies, 2);
	printf("%u\n", g_hash_table_size(checked_table));
	g_hash_table_destroy(checked_table);
	return 0;
}

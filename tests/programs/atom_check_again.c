/* SPDX-License-Identifier: MIT */
/*
 * As atom_check.c, but the first thread looks again before it writes, with
 * the lock kept.  That the two looks differ is a note.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: atom-unserializable
 */
#include "checked.h"

static void *first(void *unused)
{
	int found;

	turn_begin(0);
	found = checked_look("lunch");
	turn_end();
	turn_begin(2);
	pthread_mutex_lock(&checked_lock);
	if (!found && !g_hash_table_contains(checked_table, "lunch"))
		g_hash_table_insert(checked_table, g_strdup("lunch"), NULL);
	pthread_mutex_unlock(&checked_lock);
	turn_end();
	return unused;
}

static void *second(void *unused)
{
	turn_begin(1);
	checked_put("lunch", 13);
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
	return 0;
}

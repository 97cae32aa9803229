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

int main(void)
{
	checked_by(g_str_hash, g_str_equal, first, checked_other_lunch);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A name is looked up, found missing and put in by two threads: the second
 * one decided before the first one wrote.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: atom-check-then-act
 */
#include "checked.h"

static void *first(void *unused)
{
	int found;

	turn_begin(0);
	found = checked_look("lunch");
	turn_end();
	turn_begin(2);
	if (!found)
		checked_put("lunch", 12);
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

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

static void *second(void *unused)
{
	turn_begin(1);
	checked_put("luncheon", 13);
	turn_end();
	return unused;
}

int main(void)
{
	checked_by(g_str_hash, g_str_equal, checked_lunch, second);
	checked_by(hash_nothing, are_equal, checked_lunch, second);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * As atom_check.c, but the lock is kept from the check to the write.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: nothing
 */
#include "checked.h"

static void put_if_missing(int value)
{
	pthread_mutex_lock(&checked_lock);
	if (!g_hash_table_contains(checked_table, "lunch"))
		g_hash_table_insert(checked_table, g_strdup("lunch"),
				    GINT_TO_POINTER(value));
	pthread_mutex_unlock(&checked_lock);
}

static void *first(void *unused)
{
	turn_begin(0);
	put_if_missing(12);
	turn_end();
	return unused;
}

static void *second(void *unused)
{
	turn_begin(1);
	put_if_missing(13);
	turn_end();
	return unused;
}

int main(void)
{
	checked_by(g_str_hash, g_str_equal, first, second);
	return 0;
}

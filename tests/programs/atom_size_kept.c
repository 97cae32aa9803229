/* SPDX-License-Identifier: MIT */
/*
 * As atom_size.c, but the lock is kept from the size to the write.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: nothing
 */
#include "checked.h"

static void put_if_empty(const char *name)
{
	pthread_mutex_lock(&checked_lock);
	if (g_hash_table_size(checked_table) < 1)
		g_hash_table_add(checked_table, g_strdup(name));
	pthread_mutex_unlock(&checked_lock);
}

static void *first(void *unused)
{
	turn_begin(0);
	put_if_empty("lunch");
	turn_end();
	return unused;
}

static void *second(void *unused)
{
	turn_begin(1);
	put_if_empty("dinner");
	turn_end();
	return unused;
}

int main(void)
{
	checked_by(g_str_hash, g_str_equal, first, second);
	return 0;
}

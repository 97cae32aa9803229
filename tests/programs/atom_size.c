/* SPDX-License-Identifier: MIT */
/*
 * A table is to hold one name at most: the size is asked for, and the name
 * put in later.  Another thread was faster.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: atom-stale-size
 */
#include "checked.h"

static void *first(void *unused)
{
	guint n;

	turn_begin(0);
	pthread_mutex_lock(&checked_lock);
	n = g_hash_table_size(checked_table);
	pthread_mutex_unlock(&checked_lock);
	turn_end();
	turn_begin(2);
	if (n < 1)
		checked_put("lunch", 12);
	turn_end();
	return unused;
}

static void *second(void *unused)
{
	turn_begin(1);
	checked_put("dinner", 19);
	turn_end();
	return unused;
}

int main(void)
{
	checked_by(g_str_hash, g_str_equal, first, second);
	return 0;
}

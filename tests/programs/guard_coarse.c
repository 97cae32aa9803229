/* SPDX-License-Identifier: MIT */
/*
 * The thread that waits uses another table.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * allow: lock-held-blocking
 * expect: perf-hot
 * expect: guard-coarse
 */
#include "guard.h"

int main(void)
{
	GHashTable *a = g_hash_table_new(NULL, NULL);
	GHashTable *b = g_hash_table_new(NULL, NULL);
	struct guard_use holder = { a, 1 }, waiter = { b, 1 };

	guard_run(&holder, &waiter);
	g_hash_table_destroy(a);
	g_hash_table_destroy(b);
	return 0;
}

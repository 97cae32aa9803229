/* SPDX-License-Identifier: MIT */
/*
 * As atom_check_luck.c, but the first thread has ended before the second one
 * begins.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: nothing
 */
#include "checked.h"

static void *first(void *unused)
{
	if (!checked_look("lunch"))
		checked_put("lunch", 12);
	return unused;
}

static void *second(void *unused)
{
	checked_put("lunch", 13);
	return unused;
}

int main(void)
{
	checked_new(g_str_hash, g_str_equal);
	thread_end(thread_start(first, NULL));
	thread_end(thread_start(second, NULL));
	checked_end();
	return 0;
}

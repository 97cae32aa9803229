/* SPDX-License-Identifier: MIT */
/*
 * A thread puts a value in and takes it for its own when it reads it back;
 * another one has replaced it.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: atom-unserializable
 */
#include "checked.h"

static void *first(void *unused)
{
	turn_begin(0);
	checked_put("lunch", 12);
	turn_end();
	turn_begin(2);
	checked_look("lunch");
	turn_end();
	return unused;
}

int main(void)
{
	checked_by(g_str_hash, g_str_equal, first, checked_other_lunch);
	return 0;
}

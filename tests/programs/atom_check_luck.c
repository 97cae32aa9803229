/* SPDX-License-Identifier: MIT */
/*
 * Two threads look a name up and put it in; each was done before the other
 * one looked, this time.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: atom-check-then-act
 */
#include "checked.h"

static void *first(void *unused)
{
	turn_begin(0);
	if (!checked_look("lunch"))
		checked_put("lunch", 12);
	turn_end();
	return unused;
}

int main(void)
{
	checked_by(g_str_hash, g_str_equal, first, checked_other_lunch);
	return 0;
}

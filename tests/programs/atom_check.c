/* SPDX-License-Identifier: MIT */
/*
 * A name is looked up, found missing and put in by two threads: the second
 * one decided before the first one wrote.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: atom-check-then-act
 */
#include "checked.h"

int main(void)
{
	checked_by(g_str_hash, g_str_equal, checked_lunch, checked_other_lunch);
	return 0;
}

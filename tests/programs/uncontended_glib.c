/* SPDX-License-Identifier: MIT */
/*
 * While one of GLib's locks is held for 20 ms another thread takes another:
 * nobody waits.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: nothing
 */
#include "contended_glib.h"

int main(void)
{
	for (int which = 0; which < LOCKS; which++)
		two_threads(which, (which + 1) % LOCKS);
	return 0;
}

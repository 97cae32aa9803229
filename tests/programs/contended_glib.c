/* SPDX-License-Identifier: MIT */
/*
 * GLib's locks, of each one that a thread waits 20 ms for.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * allow: lock-held-blocking
 * expect: perf-hot
 * expect: perf-hot
 * expect: perf-hot
 * expect: perf-hot
 * expect: perf-hot
 * expect: perf-hot
 */
#include "contended_glib.h"

int main(void)
{
	for (int which = 0; which < LOCKS; which++)
		two_threads(which, which);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Twice as many locks as the recorder has room for, one after the other,
 * each used by two threads and gone when the next one comes: all are recorded.
 *
 * traces: 2
 * expect: nothing
 * locks: 64000
 */
#include "lines.h"

int main(int argc, char **argv)
{
	lines_limited(argc, argv);
	lines_go_through(1000, 1);
	return 0;
}

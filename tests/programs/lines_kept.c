/* SPDX-License-Identifier: MIT */
/*
 * The same locks, none of which goes: of those that come when there is no room
 * any more it is said that they are not recorded.
 *
 * traces: 2
 * loss: may
 * says: 125 k lost
 * expect: nothing
 */
#include "lines.h"

int main(int argc, char **argv)
{
	lines_limited(argc, argv);
	lines_go_through(1000, 0);
	return 0;
}

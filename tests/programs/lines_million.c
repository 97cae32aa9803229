/* SPDX-License-Identifier: MIT */
/*
 * Three million locks, one after the other: three times as many as the recorder
 * has room for where the address space has no limit.  With an argument they
 * stay.  It belongs to lines.sh, for a report of them needs gigabytes.
 */
#define PAGE_BYTES 65536
#include "lines.h"

int main(int argc, char **argv)
{
	(void)argv;
	lines_go_through(3000000 / PAGE_LOCKS, argc == 1);
	return 0;
}

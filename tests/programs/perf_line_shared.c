/* SPDX-License-Identifier: MIT */
/*
 * Two busy locks lie in one cache line.
 *
 * expect: perf-false-sharing
 */
#include "perf_line.h"

static _Alignas(64) pthread_spinlock_t locks[2];

int main(void)
{
	line_run(&locks[0], &locks[1]);
	return 0;
}

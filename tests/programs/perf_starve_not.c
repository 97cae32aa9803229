/* SPDX-License-Identifier: MIT */
/*
 * All of ten waits for a mutex last for 60 ms.
 *
 * expect: perf-hot
 * allow: lock-held-blocking
 */
#include "perf_starve.h"

static useconds_t always_long(int n)
{
	(void)n;
	return 60000;
}

int main(void)
{
	make_wait(always_long);
	return 0;
}

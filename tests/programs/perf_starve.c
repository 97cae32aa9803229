/* SPDX-License-Identifier: MIT */
/*
 * Of ten waits for a mutex one lasts for 400 ms, the others for a moment.
 *
 * expect: perf-hot
 * expect: perf-starve
 * allow: lock-held-blocking
 */
#include "perf_starve.h"

static useconds_t once_long(int n)
{
	return n == WAITS - 1 ? 400000 : 0;
}

int main(void)
{
	make_wait(once_long);
	return 0;
}

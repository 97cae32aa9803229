/* SPDX-License-Identifier: MIT */
/*
 * Of ten waits for a mutex one lasts for 60 ms or more, and more than a
 * hundred times as long as any other, however busy the machine is.
 *
 * expect: perf-hot
 * expect: perf-starve
 * allow: lock-held-blocking
 */
#include "perf_starve.h"

static useconds_t once_long(int n)
{
	useconds_t us = 150 * longest_us;

	if (n != WAITS - 1)
		return 0;
	return us < 60000 ? 60000 : us;
}

int main(void)
{
	make_wait(once_long);
	return 0;
}

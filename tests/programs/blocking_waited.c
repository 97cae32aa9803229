/* SPDX-License-Identifier: MIT */
/*
 * Calls that block while a mutex is held and another thread waits for it:
 * each is a finding of its own, for it has a place of its own.
 *
 * expect: perf-hot
 * expect: lock-held-blocking
 * expect: lock-held-blocking
 * expect: lock-held-blocking
 * expect: lock-held-blocking
 * expect: lock-held-blocking
 * expect: lock-held-blocking
 * expect: lock-held-blocking
 * expect: lock-held-blocking
 * expect: lock-held-blocking
 * expect: lock-held-blocking
 * expect: lock-held-blocking
 * expect: lock-held-blocking
 * expect: lock-held-blocking
 * expect: lock-held-blocking
 */
#include "blocking.h"

int main(void)
{
	for (size_t i = 0; i < N_BLOCKINGS; i++)
		block(&blockings[i], true, true);
	return 0;
}

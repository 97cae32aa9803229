/* SPDX-License-Identifier: MIT */
/*
 * Two threads want a lock that is made of futex_wait(2) and futex_wake(2).
 *
 * expect: perf-futex
 * says: waiting for futex_parts!lock
 */
#include "futex_parts.h"
#include "futex_lock.h"

static void lock_wait(uint32_t *word, uint32_t value)
{
	parts_wait(word, value, ANY_OF, NULL);
}

static void lock_wake_one(uint32_t *word)
{
	parts_wake(word, 1);
}

int main(void)
{
	work_in_turns();
	return 0;
}

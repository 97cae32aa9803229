/* SPDX-License-Identifier: MIT */
/*
 * Two threads want a lock, and wait for it or for a word to stop, whichever
 * comes first.
 *
 * expect: perf-futex
 * says: waiting for futex_waitv!lock
 */
#include "futex_waitv.h"
#include "futex_lock.h"

static uint32_t stop;

static void lock_wait(uint32_t *word, uint32_t value)
{
	uint32_t *const words[] = { &stop, word };
	const uint32_t values[] = { 0, value };

	wait_for_either(words, values, NULL);
}

static void lock_wake_one(uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1);
}

int main(void)
{
	work_in_turns();
	return 0;
}

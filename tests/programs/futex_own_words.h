/* SPDX-License-Identifier: MIT */
/*
 * Threads that each sleep on a futex of their own, as those of Abseil, TBB and
 * parking_lot do: who it is that waits is known, and what for is not.
 */
#ifndef TESTS_FUTEX_OWN_WORDS_H
#define TESTS_FUTEX_OWN_WORDS_H

#include <linux/futex.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

struct sleeper {
	uint32_t woken;
	struct sleeper *next;
};

/* Until another thread wakes it; it may have done so already. */
static inline void own_sleep(struct sleeper *me)
{
	while (!__atomic_load_n(&me->woken, __ATOMIC_ACQUIRE))
		syscall(SYS_futex, &me->woken, FUTEX_WAIT_PRIVATE, 0, NULL);
	me->woken = 0;
}

static inline void own_wake(struct sleeper *other)
{
	__atomic_store_n(&other->woken, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &other->woken, FUTEX_WAKE_PRIVATE, 1);
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * futex_wait(2), futex_wake(2) and futex_requeue(2), which Linux 6.7 has, and
 * libc no functions for.  Where they are not there, futex(2) does the same.
 */
#ifndef TESTS_FUTEX_PARTS_H
#define TESTS_FUTEX_PARTS_H

#include <errno.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_futex_wake
#define SYS_futex_wake	  454
#define SYS_futex_wait	  455
#define SYS_futex_requeue 456
#endif

#define ANY_OF	 FUTEX_BITSET_MATCH_ANY
#define MINE	 (FUTEX_32 | FUTEX_PRIVATE_FLAG)
#define NO_FLAGS 8 /* of no call */

/* Asked past libc, so that a trace does not have it: flags that no kernel
   knows are refused. */
static inline bool parts_are_there(void)
{
#if defined(__x86_64__)
	register long flags __asm__("r10") = NO_FLAGS;
	long r = SYS_futex_wake;

	__asm__ volatile("syscall"
			 : "+a"(r)
			 : "D"(0), "S"(0), "d"(0), "r"(flags)
			 : "rcx", "r11", "memory");
	return r == -EINVAL;
#else
	return false;
#endif
}

/* bits: which wakes it hears. */
static inline long parts_wait(uint32_t *word, uint32_t value, uint32_t bits,
			      const struct timespec *until)
{
	if (parts_are_there())
		return syscall(SYS_futex_wait, word, (long)value, (long)bits,
			       MINE, until, CLOCK_MONOTONIC);
	return syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, value, until,
		       NULL, bits);
}

static inline long parts_wake(uint32_t *word, int n)
{
	if (parts_are_there())
		return syscall(SYS_futex_wake, word, (long)ANY_OF, n, MINE);
	return syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n);
}

/* Moves a waiter from a word that has that value, and wakes none. */
static inline long parts_move(uint32_t *from, uint32_t *to, uint32_t value)
{
	const struct futex_waitv both[2] = {
		{ .uaddr = (uintptr_t)from, .val = value, .flags = MINE },
		{ .uaddr = (uintptr_t)to, .flags = MINE },
	};

	if (parts_are_there())
		return syscall(SYS_futex_requeue, both, 0, 0, 1);
	return syscall(SYS_futex, from, FUTEX_CMP_REQUEUE_PRIVATE, 0, 1, to,
		       value);
}

#endif

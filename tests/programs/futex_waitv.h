/* SPDX-License-Identifier: MIT */
/*
 * futex_waitv(2), for which libc has no function.
 */
#ifndef TESTS_FUTEX_WAITV_H
#define TESTS_FUTEX_WAITV_H

#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Waits until woken at a word; which one, or -1 and errno. */
static inline long wait_for_either(uint32_t *const words[2],
				   const uint32_t values[2],
				   const struct timespec *until)
{
	struct futex_waitv all[2];

	for (int i = 0; i < 2; i++)
		all[i] = (struct futex_waitv){
			.val = values[i],
			.uaddr = (uintptr_t)words[i],
			.flags = FUTEX_32 | FUTEX_PRIVATE_FLAG,
		};
	return syscall(SYS_futex_waitv, all, 2, 0, until, CLOCK_MONOTONIC);
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * For programs in which a thread waits for a mutex that main() holds, and
 * main() knows that it does: see in_futex.h.
 */
#ifndef TESTS_MUTEX_WAITER_H
#define TESTS_MUTEX_WAITER_H

#include "in_futex.h"
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static _Atomic long waiter_id; /* kernel's; 0: not there */

static inline void *wait_for_mutex(void *unused)
{
	waiter_id = syscall(SYS_gettid);
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	return unused;
}

#endif

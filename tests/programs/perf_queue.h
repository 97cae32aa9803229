/* SPDX-License-Identifier: MIT */
/*
 * Threads that wait for a mutex one behind the other, and whoever has it knows
 * that they do (in_futex.h).
 */
#ifndef TESTS_PERF_QUEUE_H
#define TESTS_PERF_QUEUE_H

#include <stdint.h>

#include "in_futex.h"
#include "program.h"

enum { MOST_WAITERS = 64 };

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static _Atomic long ids[MOST_WAITERS]; /* kernel's; 0: not there */

/* To be called by the thread that will wait, before it does. */
static inline void waiter_comes(int number)
{
	ids[number] = syscall(SYS_gettid);
}

/* Returns when it waits. */
static inline void await_waiter(int number)
{
	while (!ids[number] || !is_in_futex(ids[number]))
		sched_yield();
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * For programs in which two threads wait for one condition, each with a mutex
 * of its own.
 */
#ifndef TESTS_TWO_MUTEXES_H
#define TESTS_TWO_MUTEXES_H

#include "program.h"

static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t mutexes[2] = { PTHREAD_MUTEX_INITIALIZER,
				      PTHREAD_MUTEX_INITIALIZER };
static int waits[2];
static int goes[2];

static inline void *two_mutexes_waiter(void *number)
{
	int i = *(const int *)number;

	pthread_mutex_lock(&mutexes[i]);
	waits[i] = 1;
	while (!goes[i])
		pthread_cond_wait(&c, &mutexes[i]);
	pthread_mutex_unlock(&mutexes[i]);
	return NULL;
}

/* Starts the i-th waiter, and returns when it waits. */
static inline pthread_t two_mutexes_start(int i)
{
	static const int numbers[2] = { 0, 1 };
	pthread_t t = thread_start(two_mutexes_waiter, (void *)&numbers[i]);

	/* with the mutex ours and the flag up, it is in the wait */
	for (int in = 0; !in; sched_yield()) {
		pthread_mutex_lock(&mutexes[i]);
		in = waits[i];
		pthread_mutex_unlock(&mutexes[i]);
	}
	return t;
}

#endif

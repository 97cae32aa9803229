/* SPDX-License-Identifier: MIT */
/*
 * A thread that waits ten times for a mutex which main() holds, for as long as
 * the program says.
 */
#ifndef TESTS_PERF_STARVE_H
#define TESTS_PERF_STARVE_H

#include "perf_queue.h"

enum { WAITS = 10 };

static int held[WAITS], had[WAITS];

static void *waiter(void *unused)
{
	for (int i = 0; i < WAITS; i++) {
		meet(&held[i], 2);
		waiter_comes(0);
		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
		meet(&had[i], 2);
	}
	return unused;
}

/* us: how long the n-th wait lasts at least. */
static inline void make_wait(useconds_t (*us)(int n))
{
	pthread_t t = thread_start(waiter, NULL);

	for (int i = 0; i < WAITS; i++) {
		pthread_mutex_lock(&m);
		meet(&held[i], 2);
		await_waiter(0);
		usleep(us(i));
		pthread_mutex_unlock(&m);
		meet(&had[i], 2);
	}
	thread_end(t);
}

#endif

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
static useconds_t longest_us; /* of the waits so far */

static useconds_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (useconds_t)(now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

static void *waiter(void *unused)
{
	for (int i = 0; i < WAITS; i++) {
		useconds_t since_us;

		meet(&held[i], 2);
		waiter_comes(0);
		since_us = now_us();
		pthread_mutex_lock(&m);
		if (now_us() - since_us > longest_us)
			longest_us = now_us() - since_us;
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

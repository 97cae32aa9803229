/* SPDX-License-Identifier: MIT */
/*
 * A condition is destroyed while a thread waits for it: glibc waits for the
 * thread, which nobody wakes.
 *
 * traces: 2
 * expect: cv-destroy-waiting
 * allow: perf-hot
 */
#include "stuck.h"

static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int waits;

static void *waiter(void *unused)
{
	pthread_mutex_lock(&m);
	waits = 1;
	for (;;)
		pthread_cond_wait(&c, &m);
	return unused;
}

static void deadlock(void)
{
	thread_start(waiter, NULL);
	for (int in = 0; !in; sched_yield()) {
		pthread_mutex_lock(&m);
		in = waits;
		pthread_mutex_unlock(&m);
	}
	stuck_next();
	pthread_cond_destroy(&c);
}

int main(void)
{
	run_until_stuck(deadlock, 1);
	return 0;
}

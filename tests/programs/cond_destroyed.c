/* SPDX-License-Identifier: MIT */
/*
 * A condition is destroyed while a thread waits for it: glibc waits for the
 * thread, which nobody wakes.
 *
 * traces: 2
 * expect: cv-destroy-waiting
 * allow: perf-hot
 */
#include "condition.h"
#include "stuck.h"

static void *waiter(void *unused)
{
	pthread_mutex_lock(&m);
	for (;;)
		condition_wait();
	return unused;
}

static void deadlock(void)
{
	thread_start(waiter, NULL);
	condition_awaited(1);
	stuck_next();
	pthread_cond_destroy(&c);
}

int main(void)
{
	run_until_stuck(deadlock, 1);
	return 0;
}

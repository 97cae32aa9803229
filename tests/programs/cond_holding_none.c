/* SPDX-License-Identifier: MIT */
/*
 * A thread releases its other lock before it waits for a condition.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "condition.h"

static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;

static void *waiter(void *unused)
{
	pthread_mutex_lock(&other);
	pthread_mutex_unlock(&other);
	pthread_mutex_lock(&m);
	while (!goes)
		condition_wait();
	pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(waiter, NULL);

	condition_awaited(1);
	condition_meet();
	thread_end(t);
	pthread_mutex_lock(&other);
	pthread_mutex_unlock(&other);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A thread waits for a condition while it holds a lock that the wait does not
 * give up.
 *
 * expect: cv-wait-holding-other
 * allow: perf-hot
 */
#include "condition.h"

static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;

static void *waiter(void *unused)
{
	pthread_mutex_lock(&other);
	pthread_mutex_lock(&m);
	while (!goes)
		condition_wait();
	pthread_mutex_unlock(&m);
	pthread_mutex_unlock(&other);
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

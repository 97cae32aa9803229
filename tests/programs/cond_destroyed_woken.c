/* SPDX-License-Identifier: MIT */
/*
 * A condition is destroyed as soon as all its waiters have been woken: some
 * of them are still on their way out of the wait.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "condition.h"

enum { WAITERS = 4 };

static void *waiter(void *unused)
{
	pthread_mutex_lock(&m);
	while (!goes)
		condition_wait();
	pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	for (int round = 0; round < 50; round++) {
		pthread_t t[WAITERS];

		waits = goes = 0;
		pthread_cond_init(&c, NULL);
		for (int i = 0; i < WAITERS; i++)
			t[i] = thread_start(waiter, NULL);
		condition_awaited(WAITERS);
		pthread_mutex_lock(&m);
		goes = 1;
		pthread_cond_broadcast(&c);
		pthread_mutex_unlock(&m);
		IS(0, pthread_cond_destroy(&c));
		for (int i = 0; i < WAITERS; i++)
			thread_end(t[i]);
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A condition is destroyed as soon as all its waiters have been woken: some
 * of them are still on their way out of the wait.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "program.h"

enum { WAITERS = 4 };

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c;
static int waits;
static int goes;

static void *waiter(void *unused)
{
	pthread_mutex_lock(&m);
	waits++;
	while (!goes)
		pthread_cond_wait(&c, &m);
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
		for (int in = 0; in < WAITERS; sched_yield()) {
			pthread_mutex_lock(&m);
			in = waits;
			pthread_mutex_unlock(&m);
		}
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

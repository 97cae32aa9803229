/* SPDX-License-Identifier: MIT */
/*
 * A thread waits for a condition while it holds a lock that the wait does not
 * give up.
 *
 * expect: cv-wait-holding-other
 * allow: perf-hot
 */
#include "program.h"

static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;
static int waits;
static int goes;

static void *waiter(void *unused)
{
	pthread_mutex_lock(&other);
	pthread_mutex_lock(&m);
	waits = 1;
	while (!goes)
		pthread_cond_wait(&c, &m);
	pthread_mutex_unlock(&m);
	pthread_mutex_unlock(&other);
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(waiter, NULL);

	for (int in = 0; !in; sched_yield()) {
		pthread_mutex_lock(&m);
		in = waits;
		pthread_mutex_unlock(&m);
	}
	pthread_mutex_lock(&m);
	goes = 1;
	pthread_cond_signal(&c);
	pthread_mutex_unlock(&m);
	thread_end(t);
	pthread_mutex_lock(&other);
	pthread_mutex_unlock(&other);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Two threads wait for one condition at the same time, with two mutexes.
 *
 * expect: cv-two-mutexes
 * allow: perf-hot
 */
#include "program.h"

static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t mutexes[2] = { PTHREAD_MUTEX_INITIALIZER,
				      PTHREAD_MUTEX_INITIALIZER };
static int waits[2];
static int goes[2];

static void *waiter(void *number)
{
	int i = *(const int *)number;

	pthread_mutex_lock(&mutexes[i]);
	waits[i] = 1;
	while (!goes[i])
		pthread_cond_wait(&c, &mutexes[i]);
	pthread_mutex_unlock(&mutexes[i]);
	return NULL;
}

int main(void)
{
	static const int numbers[2] = { 0, 1 };
	pthread_t t[2];

	for (int i = 0; i < 2; i++) {
		t[i] = thread_start(waiter, (void *)&numbers[i]);
		/* with the mutex ours and the flag up, it is in the wait */
		for (int in = 0; !in; sched_yield()) {
			pthread_mutex_lock(&mutexes[i]);
			in = waits[i];
			pthread_mutex_unlock(&mutexes[i]);
		}
	}
	for (int i = 0; i < 2; i++) {
		pthread_mutex_lock(&mutexes[i]);
		goes[i] = 1;
		pthread_mutex_unlock(&mutexes[i]);
	}
	pthread_cond_broadcast(&c);
	for (int i = 0; i < 2; i++)
		thread_end(t[i]);
	return 0;
}

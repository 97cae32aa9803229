/* SPDX-License-Identifier: MIT */
/*
 * A lock is held for 10 ms each time, twenty times: the other thread waits,
 * but no hold is longer than the rest.
 *
 * allow: lock-held-blocking
 * expect: perf-hot
 * env: CMSHIM_STAMPS=all
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int held[10], had[10];

static void *waiter(void *unused)
{
	for (int i = 0; i < 10; i++) {
		meet(&held[i], 2);
		pthread_mutex_lock(&m);
		usleep(10000);
		pthread_mutex_unlock(&m);
		meet(&had[i], 2);
	}
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(waiter, NULL);

	for (int i = 0; i < 10; i++) {
		pthread_mutex_lock(&m);
		meet(&held[i], 2);
		usleep(10000);
		pthread_mutex_unlock(&m);
		meet(&had[i], 2);
	}
	thread_end(t);
	return 0;
}

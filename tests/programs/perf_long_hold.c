/* SPDX-License-Identifier: MIT */
/*
 * A lock that two threads use is held for a moment fifty times and for 10 ms
 * twice; the other thread waits for it during the long holds.
 *
 * allow: lock-held-blocking
 * expect: perf-hot
 * expect: perf-long-hold
 * env: CMSHIM_STAMPS=all
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int begun, held[2], had[2];

static void *waiter(void *unused)
{
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	meet(&begun, 2);
	for (int i = 0; i < 2; i++) {
		meet(&held[i], 2);
		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
		meet(&had[i], 2);
	}
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(waiter, NULL);

	meet(&begun, 2);
	for (int i = 0; i < 50; i++) {
		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
	}
	for (int i = 0; i < 2; i++) {
		pthread_mutex_lock(&m);
		meet(&held[i], 2);
		usleep(10000);
		pthread_mutex_unlock(&m);
		meet(&had[i], 2);
	}
	thread_end(t);
	return 0;
}

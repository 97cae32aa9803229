/* SPDX-License-Identifier: MIT */
/*
 * One thread waits for a mutex that the other holds for 20 ms.
 *
 * expect: perf-hot
 * expect: lock-held-blocking
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int held;

static void *waiter(void *unused)
{
	meet(&held, 2);
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(waiter, NULL);

	pthread_mutex_lock(&m);
	meet(&held, 2);
	usleep(20000);
	pthread_mutex_unlock(&m);

	thread_end(t);
	return 0;
}

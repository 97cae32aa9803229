/* SPDX-License-Identifier: MIT */
/*
 * Thirty threads wait for one mutex, and each has it for a moment: to wake the
 * next one takes longer.
 *
 * expect: perf-hot
 * expect: perf-convoy
 * allow: perf-long-hold
 * env: CMSHIM_STAMPS=all
 */
#include "perf_queue.h"

enum { N = 30 };

static void *waiter(void *number)
{
	waiter_comes((int)(intptr_t)number);
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	return NULL;
}

int main(void)
{
	pthread_t threads[N];

	pthread_mutex_lock(&m);
	for (int i = 0; i < N; i++)
		threads[i] = thread_start(waiter, (void *)(intptr_t)i);
	for (int i = 0; i < N; i++)
		await_waiter(i);
	pthread_mutex_unlock(&m);
	for (int i = 0; i < N; i++)
		thread_end(threads[i]);
	return 0;
}

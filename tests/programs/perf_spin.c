/* SPDX-License-Identifier: MIT */
/*
 * A thread tries a lock, which another one holds, a million times.
 *
 * expect: perf-spin
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void *spinner(void *unused)
{
	for (int i = 0; i < 1000000; i++)
		if (pthread_mutex_trylock(&m) == 0)
			pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	pthread_mutex_lock(&m);
	thread_end(thread_start(spinner, NULL));
	pthread_mutex_unlock(&m);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A thread tries a lock, which another one holds, and sleeps after each try.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void *poller(void *unused)
{
	for (int i = 0; i < 100; i++) {
		if (pthread_mutex_trylock(&m) == 0)
			pthread_mutex_unlock(&m);
		usleep(200);
	}
	return unused;
}

int main(void)
{
	pthread_mutex_lock(&m);
	thread_end(thread_start(poller, NULL));
	pthread_mutex_unlock(&m);
	return 0;
}

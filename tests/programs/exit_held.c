/* SPDX-License-Identifier: MIT */
/*
 * A thread ends while it holds a mutex.
 *
 * expect: lock-exit-held
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void *forgetful(void *unused)
{
	pthread_mutex_lock(&m);
	return unused;
}

int main(void)
{
	thread_end(thread_start(forgetful, NULL));
	IS(EBUSY, pthread_mutex_trylock(&m));
	return 0;
}

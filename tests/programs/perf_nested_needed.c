/* SPDX-License-Identifier: MIT */
/*
 * The same, but once the inner lock is taken alone: it is needed.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t inner = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *unused)
{
	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&outer);
		pthread_mutex_lock(&inner);
		pthread_mutex_unlock(&inner);
		pthread_mutex_unlock(&outer);
	}
	return unused;
}

int main(void)
{
	thread_end(thread_start(worker, NULL));
	thread_end(thread_start(worker, NULL));
	pthread_mutex_lock(&inner);
	pthread_mutex_unlock(&inner);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * _exit() while other threads hold locks, wait for them and wait for
 * conditions: nothing has ended wrongly, and nothing is a deadlock.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int ready;

static void *holder(void *unused)
{
	pthread_mutex_lock(&m);
	meet(&ready, 4);
	for (;;)
		pause();
	return unused;
}

static void *waiter(void *unused)
{
	meet(&ready, 4);
	pthread_mutex_lock(&m);
	return unused;
}

static void *sleeper(void *unused)
{
	pthread_mutex_lock(&other);
	meet(&ready, 4);
	for (;;)
		pthread_cond_wait(&c, &other);
	return unused;
}

int main(void)
{
	thread_start(holder, NULL);
	thread_start(waiter, NULL);
	thread_start(sleeper, NULL);
	meet(&ready, 4);
	printf("leaving\n");
	fflush(stdout);
	_exit(11);
}

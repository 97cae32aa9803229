/* SPDX-License-Identifier: MIT */
/*
 * A thread locks a recursive mutex it holds, and a mutex another thread
 * will give back; then its process is killed while it waits in join.
 *
 * traces: 2
 * expect: nothing
 * allow: lock-held-blocking
 */
#include "stuck.h"

static pthread_mutex_t r = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

static void *sleeper(void *unused)
{
	pthread_mutex_lock(&m);
	stuck_next();
	for (;;)
		pthread_cond_wait(&never, &m);
	return unused;
}

static void wait_for_ever(void)
{
	pthread_t t;

	pthread_mutex_lock(&r);
	pthread_mutex_lock(&r);
	t = thread_start(sleeper, NULL);
	stuck_next();
	pthread_join(t, NULL);
}

int main(void)
{
	run_until_stuck(wait_for_ever, 2);
	return 0;
}

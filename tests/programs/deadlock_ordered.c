/* SPDX-License-Identifier: MIT */
/*
 * Two threads take two mutexes in the same order; the one with both never
 * gives them back, so the other hangs until killed.  That is no cycle.
 *
 * traces: 2
 * expect: cv-wait-holding-other
 * allow: lock-held-blocking
 * allow: perf-hot
 */
#include "stuck.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;
static int held;

static void *owner(void *unused)
{
	pthread_mutex_lock(&a);
	pthread_mutex_lock(&b);
	meet(&held, 2);
	pthread_mutex_lock(&own);
	stuck_next();
	for (;;)
		pthread_cond_wait(&never, &own);
	return unused;
}

static void wait_for_owner(void)
{
	thread_start(owner, NULL);
	meet(&held, 2);
	stuck_next();
	pthread_mutex_lock(&a);
}

int main(void)
{
	run_until_stuck(wait_for_owner, 2);
	return 0;
}

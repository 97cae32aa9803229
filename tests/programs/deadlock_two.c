/* SPDX-License-Identifier: MIT */
/*
 * Two threads, two mutexes, opposite orders: both hang until killed.
 *
 * traces: 2
 * expect: dl-actual
 * allow: lock-held-blocking
 */
#include "stuck.h"

static pthread_mutex_t m[2] = { PTHREAD_MUTEX_INITIALIZER,
				PTHREAD_MUTEX_INITIALIZER };
static int both;

static void *taker(void *first)
{
	pthread_mutex_t *mine = (pthread_mutex_t *)first;

	pthread_mutex_lock(mine);
	meet(&both, 2);
	stuck_next();
	pthread_mutex_lock(mine == &m[0] ? &m[1] : &m[0]);
	return NULL;
}

static void deadlock(void)
{
	pthread_t t = thread_start(taker, &m[0]);

	taker(&m[1]);
	thread_end(t);
}

int main(void)
{
	run_until_stuck(deadlock, 2);
	return 0;
}

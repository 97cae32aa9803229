/* SPDX-License-Identifier: MIT */
/*
 * A thread locks a mutex it holds, and hangs until it is killed.
 *
 * traces: 2
 * expect: dl-self
 * allow: lock-held-blocking
 */
#include "stuck.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void deadlock(void)
{
	pthread_mutex_lock(&m);
	stuck_next();
	pthread_mutex_lock(&m);
}

int main(void)
{
	run_until_stuck(deadlock, 1);
	return 0;
}

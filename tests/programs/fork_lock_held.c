/* SPDX-License-Identifier: MIT */
/*
 * A child asks for a mutex that another thread of its parent held when it was
 * forked, and hangs until it is killed.  fork_atfork.c does it right.
 *
 * traces: 2
 * expect: fork-lock-held
 */
#include "stuck.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int held;
static int done;

static void *holder(void *unused)
{
	pthread_mutex_lock(&m);
	meet(&held, 2);
	meet(&done, 2);
	pthread_mutex_unlock(&m);
	return unused;
}

static void deadlock(void)
{
	stuck_next();
	pthread_mutex_lock(&m);
}

int main(void)
{
	pthread_t t = thread_start(holder, NULL);

	meet(&held, 2);
	run_until_stuck(deadlock, 1);
	meet(&done, 2);
	thread_end(t);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A flag is raised and signalled without the mutex between the moment a
 * thread has looked at it and its wait, which then never ends.
 *
 * traces: 2
 * expect: cv-lost-wakeup
 */
#include "stuck.h"

static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int flag;
static int looked;
static int signalled;

static void *waiter(void *unused)
{
	pthread_mutex_lock(&m);
	while (!__atomic_load_n(&flag, __ATOMIC_ACQUIRE)) {
		meet(&looked, 2);
		meet(&signalled, 2);
		stuck_next();
		pthread_cond_wait(&c, &m);
	}
	pthread_mutex_unlock(&m);
	return unused;
}

static void deadlock(void)
{
	pthread_t t = thread_start(waiter, NULL);

	meet(&looked, 2);
	__atomic_store_n(&flag, 1, __ATOMIC_RELEASE);
	pthread_cond_signal(&c);
	meet(&signalled, 2);
	stuck_next();
	thread_end(t);
}

int main(void)
{
	run_until_stuck(deadlock, 2);
	return 0;
}

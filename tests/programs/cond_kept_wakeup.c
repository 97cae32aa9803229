/* SPDX-License-Identifier: MIT */
/*
 * A flag is raised with the mutex held and signalled without it, before and
 * after a thread looks; and a thread that waits for something else is killed
 * in its wait.
 *
 * traces: 2
 * expect: nothing
 * allow: perf-hot
 */
#include "stuck.h"

static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int flag;
static int once;

static void *waiter(void *unused)
{
	pthread_mutex_lock(&m);
	while (flag < 2)
		pthread_cond_wait(&c, &m);
	meet(&once, 2);
	stuck_next();
	for (;;)
		pthread_cond_wait(&c, &m);
	return unused;
}

static void deadlock(void)
{
	pthread_t t = thread_start(waiter, NULL);

	for (int i = 0; i < 2; i++) {
		pthread_mutex_lock(&m);
		flag++;
		pthread_mutex_unlock(&m);
		pthread_cond_signal(&c);
	}
	meet(&once, 2);
	stuck_next();
	thread_end(t);
}

int main(void)
{
	run_until_stuck(deadlock, 2);
	return 0;
}

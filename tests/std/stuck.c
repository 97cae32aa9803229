/* SPDX-License-Identifier: MIT */
/*
 * Two threads hold a mutex each and wait for the other's until killed.
 */
#include "../programs/stuck.h"

static pthread_mutex_t m[2] = { PTHREAD_MUTEX_INITIALIZER,
				PTHREAD_MUTEX_INITIALIZER };
static pthread_barrier_t both;

static void *taker(void *first)
{
	pthread_mutex_t *mine = (pthread_mutex_t *)first;

	pthread_mutex_lock(mine);
	pthread_barrier_wait(&both);
	stuck_next();
	pthread_mutex_lock(mine == &m[0] ? &m[1] : &m[0]);
	return NULL;
}

static void deadlock(void)
{
	pthread_t t;

	pthread_barrier_init(&both, NULL, 2);
	t = thread_start(taker, &m[0]);
	taker(&m[1]);
	thread_end(t);
}

int main(void)
{
	run_until_stuck(deadlock, 2);
	return 0;
}

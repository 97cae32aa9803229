/* SPDX-License-Identifier: MIT */
/*
 * A thread takes a mutex, another gives it up, and the first one ends: it was
 * given up once.
 *
 * expect: lock-unlock-not-owner
 * events: ACQUIRE RELEASE
 * event: 1 RELEASE mutex#1 pthread_mutex_unlock
 * event: 2 ACQUIRE mutex#1 pthread_mutex_lock
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t taken, given_up;

static void *take(void *unused)
{
	IS(0, pthread_mutex_lock(&m));
	pthread_barrier_wait(&taken);
	pthread_barrier_wait(&given_up);
	return unused;
}

int main(void)
{
	pthread_t t;

	pthread_barrier_init(&taken, NULL, 2);
	pthread_barrier_init(&given_up, NULL, 2);
	t = thread_start(take, NULL);
	pthread_barrier_wait(&taken);
	IS(0, pthread_mutex_unlock(&m));
	pthread_barrier_wait(&given_up);
	thread_end(t);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A signal of a condition variable, not under the mutex, is all that orders
 * two threads' calls: without a thread that waits already it is lost.
 *
 * expect: map-race-discipline
 */
#include "unordered.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int waits, go;

static void *waiter(void *unused)
{
	pthread_mutex_lock(&m);
	waits = 1;
	while (!__atomic_load_n(&go, __ATOMIC_ACQUIRE))
		pthread_cond_wait(&c, &m);
	insert(2);
	pthread_mutex_unlock(&m);
	return unused;
}

static int has_waiter(void)
{
	int has;

	pthread_mutex_lock(&m);
	has = waits;
	pthread_mutex_unlock(&m);
	return has;
}

int main(void)
{
	pthread_t t = thread_start(waiter, NULL);

	while (!has_waiter())
		sched_yield();
	insert(1);
	__atomic_store_n(&go, 1, __ATOMIC_RELEASE);
	pthread_cond_signal(&c);
	thread_end(t);
	printf("%d\n", is_there(1) + is_there(2));
	return 0;
}

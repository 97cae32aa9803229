/* SPDX-License-Identifier: MIT */
/*
 * Two threads take two mutexes in different orders, one before they meet at a
 * barrier and one after.
 *
 * expect: nothing
 */
#include "order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t met;

static void *forward(void *unused)
{
	take_both(&a, &b);
	pthread_barrier_wait(&met);
	return unused;
}

static void *backward(void *unused)
{
	pthread_barrier_wait(&met);
	take_both(&b, &a);
	return unused;
}

int main(void)
{
	static void *(*const bodies[])(void *) = { forward, backward };

	pthread_barrier_init(&met, NULL, 2);
	run_threads(bodies, 2);
	pthread_barrier_destroy(&met);
	return 0;
}

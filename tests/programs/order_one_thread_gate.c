/* SPDX-License-Identifier: MIT */
/*
 * One thread takes two mutexes in both orders, both times under a third.
 *
 * expect: nothing
 */
#include "order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *both(void *unused)
{
	pthread_mutex_lock(&gate);
	take_both(&a, &b);
	pthread_mutex_unlock(&gate);
	pthread_mutex_lock(&gate);
	take_both(&b, &a);
	pthread_mutex_unlock(&gate);
	return unused;
}

int main(void)
{
	static void *(*const bodies[])(void *) = { both };

	run_threads(bodies, 1);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * One thread takes two mutexes in both orders; another one takes each of them
 * alone.
 *
 * expect: dl-same-thread-order
 */
#include "order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;

static void *both(void *unused)
{
	turn_begin(0);
	take_both(&a, &b);
	take_both(&b, &a);
	turn_end();
	return unused;
}

static void *alone(void *unused)
{
	turn_begin(1);
	pthread_mutex_lock(&a);
	pthread_mutex_unlock(&a);
	pthread_mutex_lock(&b);
	pthread_mutex_unlock(&b);
	turn_end();
	return unused;
}

int main(void)
{
	static void *(*const bodies[])(void *) = { both, alone };

	run_threads(bodies, 2);
	return 0;
}

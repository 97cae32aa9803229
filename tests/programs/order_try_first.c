/* SPDX-License-Identifier: MIT */
/*
 * A lock got by a try is held like any other: the lock after it is asked for in
 * the wrong order.
 *
 * expect: dl-predicted
 */
#include "order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;

static void *forward(void *unused)
{
	turn_begin(0);
	take_both(&a, &b);
	turn_end();
	return unused;
}

static void *backward(void *unused)
{
	turn_begin(1);
	IS(0, pthread_mutex_trylock(&b));
	pthread_mutex_lock(&a);
	pthread_mutex_unlock(&a);
	pthread_mutex_unlock(&b);
	turn_end();
	return unused;
}

int main(void)
{
	static void *(*const bodies[])(void *) = { forward, backward };

	run_threads(bodies, 2);
	return 0;
}

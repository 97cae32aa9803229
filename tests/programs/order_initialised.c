/* SPDX-License-Identifier: MIT */
/*
 * Two pairs of mutexes after each other at the same addresses: each pair is
 * initialised, so that it is known to be another one.
 *
 * expect: nothing
 */
#include "order.h"

static pthread_mutex_t a, b;

static void renew(void)
{
	pthread_mutex_init(&a, NULL);
	pthread_mutex_init(&b, NULL);
}

static void drop(void)
{
	pthread_mutex_destroy(&a);
	pthread_mutex_destroy(&b);
}

static void *forward(void *unused)
{
	turn_begin(0);
	renew();
	take_both(&a, &b);
	drop();
	turn_end();
	return unused;
}

static void *backward(void *unused)
{
	turn_begin(1);
	renew();
	take_both(&b, &a);
	drop();
	turn_end();
	return unused;
}

int main(void)
{
	static void *(*const bodies[])(void *) = { forward, backward };

	run_threads(bodies, 2);
	return 0;
}

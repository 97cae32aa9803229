/* SPDX-License-Identifier: MIT */
/*
 * Two threads take two mutexes in the same order, and one of them the second
 * one alone as well.
 *
 * expect: nothing
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

static void *forward_too(void *unused)
{
	turn_begin(1);
	take_both(&a, &b);
	pthread_mutex_lock(&b);
	pthread_mutex_unlock(&b);
	turn_end();
	return unused;
}

int main(void)
{
	static void *(*const bodies[])(void *) = { forward, forward_too };

	run_threads(bodies, 2);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Two threads take two mutexes in different orders, luckily one after the
 * other.
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
	take_both(&b, &a);
	turn_end();
	return unused;
}

int main(void)
{
	static void *(*const bodies[])(void *) = { forward, backward };

	run_threads(bodies, 2);
	return 0;
}

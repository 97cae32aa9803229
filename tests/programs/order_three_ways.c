/* SPDX-License-Identifier: MIT */
/*
 * Three threads around a table, as in order_three.c, but each at two places:
 * eight circles, one mistake.
 *
 * expect: dl-predicted
 */
#include "order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t c = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *unused)
{
	turn_begin(0);
	take_both(&a, &b);
	take_both(&a, &b);
	turn_end();
	return unused;
}

static void *second(void *unused)
{
	turn_begin(1);
	take_both(&b, &c);
	take_both(&b, &c);
	turn_end();
	return unused;
}

static void *third(void *unused)
{
	turn_begin(2);
	take_both(&c, &a);
	take_both(&c, &a);
	turn_end();
	return unused;
}

int main(void)
{
	static void *(*const bodies[])(void *) = { first, second, third };

	run_threads(bodies, 3);
	return 0;
}

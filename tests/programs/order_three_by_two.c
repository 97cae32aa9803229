/* SPDX-License-Identifier: MIT */
/*
 * The three orders of a table, but taken by two threads only: nobody can have
 * two places at once.
 *
 * expect: nothing
 */
#include "order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t c = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *unused)
{
	turn_begin(0);
	take_both(&a, &b);
	take_both(&b, &c);
	turn_end();
	return unused;
}

static void *second(void *unused)
{
	turn_begin(1);
	take_both(&c, &a);
	turn_end();
	return unused;
}

int main(void)
{
	static void *(*const bodies[])(void *) = { first, second };

	run_threads(bodies, 2);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Three threads take two mutexes in different orders, but each was joined
 * before the next was made, and main has both before and after.
 *
 * expect: nothing
 */
#include "order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;

static void *forward(void *unused)
{
	take_both(&a, &b);
	return unused;
}

static void *backward(void *unused)
{
	take_both(&b, &a);
	return unused;
}

int main(void)
{
	take_both(&a, &b);
	thread_end(thread_start(backward, NULL));
	thread_end(thread_start(forward, NULL));
	thread_end(thread_start(backward, NULL));
	take_both(&a, &b);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Two mutexes in different orders: the thread that takes them in the one
 * order makes the other while it holds the first, but that one begins with
 * the other order at once.
 *
 * expect: dl-predicted
 * allow: perf-hot
 */
#include "order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;

static void *backward(void *unused)
{
	turn_begin(1);
	take_both(&b, &a);
	return unused;
}

int main(void)
{
	pthread_t t;

	pthread_mutex_lock(&a);
	t = thread_start(backward, NULL);
	pthread_mutex_lock(&b);
	pthread_mutex_unlock(&b);
	pthread_mutex_unlock(&a);
	turn_end();
	thread_end(t);
	return 0;
}

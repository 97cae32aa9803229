/* SPDX-License-Identifier: MIT */
/*
 * Two mutexes in different orders: the thread that takes them in the one
 * order makes the other while it holds the first, which that one has to have
 * had before it begins with the other order.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;

static void *backward(void *unused)
{
	pthread_mutex_lock(&a);
	pthread_mutex_unlock(&a);
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
	thread_end(t);
	return 0;
}

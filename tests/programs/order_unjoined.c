/* SPDX-License-Identifier: MIT */
/*
 * Main takes two mutexes in one order before it joins the thread that takes
 * them in the other one.
 *
 * expect: dl-predicted
 */
#include "order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;

static void *backward(void *unused)
{
	turn_begin(0);
	take_both(&b, &a);
	turn_end();
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(backward, NULL);

	turn_begin(1);
	take_both(&a, &b);
	thread_end(t);
	return 0;
}

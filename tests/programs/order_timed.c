/* SPDX-License-Identifier: MIT */
/*
 * Two threads take two mutexes in different orders, one of them with a time
 * limit: they would hold each other up until then.
 *
 * expect: dl-potential
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
	struct timespec limit = time_in_ms(CLOCK_REALTIME, 60000);

	turn_begin(1);
	pthread_mutex_lock(&b);
	IS(0, pthread_mutex_timedlock(&a, &limit));
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

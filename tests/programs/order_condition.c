/* SPDX-License-Identifier: MIT */
/*
 * A thread waits for a condition with another lock held: it takes its mutex
 * again afterwards, in the wrong order.
 *
 * expect: cv-wait-holding-other
 * expect: dl-predicted
 * allow: perf-hot
 */
#include "order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int is_ready;

static void *waits(void *unused)
{
	turn_begin(0);
	pthread_mutex_lock(&b);
	pthread_mutex_lock(&a);
	turn_end();
	while (!is_ready)
		pthread_cond_wait(&ready, &b);
	pthread_mutex_unlock(&a);
	pthread_mutex_unlock(&b);
	turn_end();
	return unused;
}

static void *signals(void *unused)
{
	turn_begin(1);
	pthread_mutex_lock(&b);
	is_ready = 1;
	pthread_cond_signal(&ready);
	pthread_mutex_unlock(&b);
	return unused;
}

static void *forward(void *unused)
{
	turn_begin(2);
	take_both(&b, &a);
	turn_end();
	return unused;
}

int main(void)
{
	static void *(*const bodies[])(void *) = { waits, signals, forward };

	run_threads(bodies, 3);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Two threads take two mutexes in different orders while both read under a
 * rwlock, which lets both in.
 *
 * expect: dl-predicted
 */
#include "order.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t gate = PTHREAD_RWLOCK_INITIALIZER;

static void *forward(void *unused)
{
	turn_begin(0);
	pthread_rwlock_rdlock(&gate);
	take_both(&a, &b);
	pthread_rwlock_unlock(&gate);
	turn_end();
	return unused;
}

static void *backward(void *unused)
{
	turn_begin(1);
	pthread_rwlock_rdlock(&gate);
	take_both(&b, &a);
	pthread_rwlock_unlock(&gate);
	turn_end();
	return unused;
}

int main(void)
{
	static void *(*const bodies[])(void *) = { forward, backward };

	run_threads(bodies, 2);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Two threads read under one rwlock and ask to write under the other's.
 *
 * expect: dl-predicted
 */
#include "order.h"

static pthread_rwlock_t a = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t b = PTHREAD_RWLOCK_INITIALIZER;

static void *forward(void *unused)
{
	turn_begin(0);
	pthread_rwlock_rdlock(&a);
	pthread_rwlock_wrlock(&b);
	pthread_rwlock_unlock(&b);
	pthread_rwlock_unlock(&a);
	turn_end();
	return unused;
}

static void *backward(void *unused)
{
	turn_begin(1);
	pthread_rwlock_rdlock(&b);
	pthread_rwlock_wrlock(&a);
	pthread_rwlock_unlock(&a);
	pthread_rwlock_unlock(&b);
	turn_end();
	return unused;
}

int main(void)
{
	static void *(*const bodies[])(void *) = { forward, backward };

	run_threads(bodies, 2);
	return 0;
}

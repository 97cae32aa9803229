/* SPDX-License-Identifier: MIT */
/*
 * Three threads around a table, each with one lock in the left hand waiting
 * for the right one: a mutex, a rwlock and an error-checking mutex.
 *
 * traces: 2
 * expect: dl-actual
 * allow: lock-held-blocking
 */
#include "stuck.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t b = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t c = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static int all;

static void *holds_a(void *unused)
{
	pthread_mutex_lock(&a);
	meet(&all, 3);
	stuck_next();
	pthread_rwlock_rdlock(&b);
	return unused;
}

static void *holds_b(void *unused)
{
	pthread_rwlock_wrlock(&b);
	meet(&all, 3);
	stuck_next();
	pthread_mutex_lock(&c);
	return unused;
}

static void *holds_c(void *unused)
{
	pthread_mutex_lock(&c);
	meet(&all, 3);
	stuck_next();
	pthread_mutex_lock(&a);
	return unused;
}

static void deadlock(void)
{
	pthread_t t = thread_start(holds_a, NULL);

	thread_start(holds_b, NULL);
	thread_start(holds_c, NULL);
	thread_end(t);
}

int main(void)
{
	run_until_stuck(deadlock, 3);
	return 0;
}

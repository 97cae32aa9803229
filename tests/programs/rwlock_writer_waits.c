/* SPDX-License-Identifier: MIT */
/*
 * A rwlock that prefers writers refuses new readers while a writer waits;
 * one that prefers readers lets them in.
 *
 * expect: nothing
 * allow: lock-held-blocking
 * allow: perf-hot
 * allow: perf-hot
 */
#include "program.h"

static pthread_rwlock_t *l;

static void *writer(void *unused)
{
	pthread_rwlock_wrlock(l);
	pthread_rwlock_unlock(l);
	return unused;
}

static void *reader(void *result)
{
	int r = pthread_rwlock_tryrdlock(l);

	if (!r)
		pthread_rwlock_unlock(l);
	*(int *)result = r;
	return NULL;
}

/* What a reader is told while a writer waits.  The writer shows itself by
   the lock refusing; a lock that never refuses is asked for 50 ms. */
static int reader_is_told(pthread_rwlock_t *lock)
{
	struct timespec end = time_in_ms(CLOCK_MONOTONIC, 50);
	struct timespec now;
	pthread_t t;
	int result;

	l = lock;
	pthread_rwlock_rdlock(l);
	t = thread_start(writer, NULL);
	do {
		thread_end(thread_start(reader, &result));
		now = time_in_ms(CLOCK_MONOTONIC, 0);
	} while (!result &&
		 (now.tv_sec < end.tv_sec ||
		  (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec)));
	pthread_rwlock_unlock(l);
	thread_end(t);
	return result;
}

int main(void)
{
	static pthread_rwlock_t readers = PTHREAD_RWLOCK_INITIALIZER;
	static pthread_rwlock_t writers =
		PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

	IS(0, reader_is_told(&readers));
	IS(EBUSY, reader_is_told(&writers));
	return 0;
}

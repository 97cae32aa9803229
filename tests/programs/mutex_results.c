/* SPDX-License-Identifier: MIT */
/*
 * What the mutex calls return, for every type, with no misuse that would
 * not be refused: free, held by this thread through trylock, held by another
 * one, destroyed, initialised again.
 *
 * expect: lock-destroy-held
 * expect: lock-destroy-held
 * expect: lock-destroy-held
 * expect: lock-destroy-held
 * expect: lock-destroy-held
 * expect: lock-destroy-held
 * expect: lock-destroy-held
 * expect: lock-destroy-held
 * expect: lock-destroy-held
 * allow: lock-held-blocking
 * allow: perf-hot
 */
#include "program.h"

static pthread_mutex_t m;

static void *other(void *unused)
{
	struct timespec past = time_in_ms(CLOCK_REALTIME, -1000);
	struct timespec soon = time_in_ms(CLOCK_REALTIME, 2);
	struct timespec soon_mono = time_in_ms(CLOCK_MONOTONIC, 2);
	struct timespec bad = { 0, 1000000000 };

	IS(EBUSY, pthread_mutex_trylock(&m));
	IS(ETIMEDOUT, pthread_mutex_timedlock(&m, &past));
	IS(ETIMEDOUT, pthread_mutex_timedlock(&m, &soon));
	IS(ETIMEDOUT, pthread_mutex_clocklock(&m, CLOCK_MONOTONIC, &soon_mono));
	SHOW(pthread_mutex_timedlock(&m, &bad));
	IS(EINVAL,
	   pthread_mutex_clocklock(&m, CLOCK_PROCESS_CPUTIME_ID, &soon));
	return unused;
}

/* On a free mutex; a call that succeeded is undone. */
static void odd_times(void)
{
	struct timespec bad = { 0, -1 };
	struct timespec past = { 1, 0 };
	int r;

	SHOW(r = pthread_mutex_timedlock(&m, &bad));
	if (!r)
		IS(0, pthread_mutex_unlock(&m));
	SHOW(r = pthread_mutex_timedlock(&m, &past));
	if (!r)
		IS(0, pthread_mutex_unlock(&m));
	SHOW(r = pthread_mutex_clocklock(&m, CLOCK_MONOTONIC, &bad));
	if (!r)
		IS(0, pthread_mutex_unlock(&m));
	SHOW(r = pthread_mutex_clocklock(&m, 77, &past));
	if (!r)
		IS(0, pthread_mutex_unlock(&m));
}

static void all_calls(const pthread_mutexattr_t *attr, int what)
{
	struct timespec soon = time_in_ms(CLOCK_REALTIME, 1000);

	IS(0, pthread_mutex_init(&m, attr));
	IS(0, pthread_mutex_lock(&m));
	thread_end(thread_start(other, NULL));
	/* a PI or robust mutex does not refuse, and is gone then */
	if (!(what & 5))
		IS(EBUSY, pthread_mutex_destroy(&m));
	IS(0, pthread_mutex_unlock(&m));
	IS(0, pthread_mutex_trylock(&m));
	IS(0, pthread_mutex_unlock(&m));
	IS(0, pthread_mutex_timedlock(&m, &soon));
	IS(0, pthread_mutex_unlock(&m));
	IS(0, pthread_mutex_clocklock(&m, CLOCK_REALTIME, &soon));
	IS(0, pthread_mutex_unlock(&m));
	odd_times();
	IS(0, pthread_mutex_destroy(&m));
	SHOW(pthread_mutex_consistent(&m));
}

int main(void)
{
	static const int types[] = {
		PTHREAD_MUTEX_NORMAL,
		PTHREAD_MUTEX_RECURSIVE,
		PTHREAD_MUTEX_ERRORCHECK,
		PTHREAD_MUTEX_ADAPTIVE_NP,
	};
	pthread_mutexattr_t attr;

	all_calls(NULL, 0);
	for (int i = 0; i < 4; i++)
		for (int what = 0; what < 6; what++) {
			printf("type %d, %d\n", types[i], what);
			pthread_mutexattr_init(&attr);
			pthread_mutexattr_settype(&attr, types[i]);
			if (what & 1)
				pthread_mutexattr_setprotocol(
					&attr, PTHREAD_PRIO_INHERIT);
			if (what & 2)
				pthread_mutexattr_setpshared(
					&attr, PTHREAD_PROCESS_SHARED);
			if (what & 4)
				pthread_mutexattr_setrobust(
					&attr, PTHREAD_MUTEX_ROBUST);
			all_calls(&attr, what);
			pthread_mutexattr_destroy(&attr);
		}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Robust mutexes: taken over from a dead thread, repaired or not; every
 * call that can take one over.
 *
 * expect: lock-exit-held
 * expect: lock-exit-held
 * expect: lock-exit-held
 * expect: lock-exit-held
 * expect: lock-exit-held
 * expect: lock-owner-died
 * allow: perf-hot
 */
#include "program.h"

static pthread_mutex_t m[5];

static void *dies_holding(void *mutex)
{
	pthread_mutex_lock((pthread_mutex_t *)mutex);
	return NULL;
}

int main(void)
{
	struct timespec later = time_in_ms(CLOCK_REALTIME, 1000);
	struct timespec soon;
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	for (int i = 0; i < 5; i++) {
		if (i == 4)
			pthread_mutexattr_setprotocol(&attr,
						      PTHREAD_PRIO_INHERIT);
		IS(0, pthread_mutex_init(&m[i], &attr));
		thread_end(thread_start(dies_holding, &m[i]));
	}

	IS(EOWNERDEAD, pthread_mutex_lock(&m[0]));
	IS(0, pthread_mutex_consistent(&m[0]));
	IS(0, pthread_mutex_unlock(&m[0]));
	IS(0, pthread_mutex_lock(&m[0]));
	IS(0, pthread_mutex_unlock(&m[0]));

	IS(EOWNERDEAD, pthread_mutex_trylock(&m[1]));
	IS(0, pthread_mutex_unlock(&m[1]));
	IS(ENOTRECOVERABLE, pthread_mutex_lock(&m[1]));
	IS(ENOTRECOVERABLE, pthread_mutex_trylock(&m[1]));
	/* glibc 2.36 waits here until the time is over */
	soon = time_in_ms(CLOCK_REALTIME, 2);
	SHOW(pthread_mutex_timedlock(&m[1], &soon));
	IS(0, pthread_mutex_destroy(&m[1]));

	IS(EOWNERDEAD, pthread_mutex_timedlock(&m[2], &later));
	IS(0, pthread_mutex_consistent(&m[2]));
	IS(EINVAL, pthread_mutex_consistent(&m[2]));
	IS(0, pthread_mutex_unlock(&m[2]));

	IS(EOWNERDEAD, pthread_mutex_clocklock(&m[3], CLOCK_REALTIME, &later));
	IS(0, pthread_mutex_consistent(&m[3]));
	IS(0, pthread_mutex_unlock(&m[3]));

	IS(EOWNERDEAD, pthread_mutex_lock(&m[4]));
	IS(0, pthread_mutex_consistent(&m[4]));
	IS(0, pthread_mutex_unlock(&m[4]));
	IS(0, pthread_mutex_lock(&m[4]));
	IS(0, pthread_mutex_unlock(&m[4]));
	return 0;
}

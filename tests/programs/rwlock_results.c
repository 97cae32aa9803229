/* SPDX-License-Identifier: MIT */
/*
 * What the rwlock calls return, for every preference: free, held for
 * reading, held for writing, with odd times and clocks.
 *
 * expect: lock-upgrade
 * expect: lock-upgrade
 * expect: lock-upgrade
 * expect: lock-upgrade
 * expect: lock-upgrade
 * expect: lock-upgrade
 * expect: lock-upgrade
 * expect: rw-recursive-read
 * expect: rw-recursive-read
 * allow: lock-held-blocking
 * allow: perf-hot
 */
#include "program.h"

static pthread_rwlock_t l;
static struct timespec bad = { 0, 1000000000 };

static void *others(void *held_for)
{
	int writing = *(const char *)held_for == 'w';
	struct timespec soon = time_in_ms(CLOCK_REALTIME, 2);
	struct timespec soon_mono = time_in_ms(CLOCK_MONOTONIC, 2);

	IS(EBUSY, pthread_rwlock_trywrlock(&l));
	IS(ETIMEDOUT, pthread_rwlock_timedwrlock(&l, &soon));
	IS(ETIMEDOUT,
	   pthread_rwlock_clockwrlock(&l, CLOCK_MONOTONIC, &soon_mono));
	IS(EINVAL, pthread_rwlock_timedwrlock(&l, &bad));
	IS(EINVAL, pthread_rwlock_clockwrlock(&l, 77, &soon));
	if (writing) {
		IS(EBUSY, pthread_rwlock_tryrdlock(&l));
		IS(ETIMEDOUT, pthread_rwlock_timedrdlock(&l, &soon));
		IS(ETIMEDOUT,
		   pthread_rwlock_clockrdlock(&l, CLOCK_MONOTONIC, &soon_mono));
	} else {
		IS(0, pthread_rwlock_tryrdlock(&l));
		IS(0, pthread_rwlock_rdlock(&l));
		IS(0, pthread_rwlock_unlock(&l));
		IS(0, pthread_rwlock_unlock(&l));
	}
	IS(EINVAL, pthread_rwlock_timedrdlock(&l, &bad));
	IS(EINVAL, pthread_rwlock_clockrdlock(&l, 77, &soon));
	return NULL;
}

/* The arguments are checked before the lock: it is free here. */
static void odd_times(void)
{
	struct timespec past = { 1, 0 };

	IS(EINVAL, pthread_rwlock_timedrdlock(&l, &bad));
	IS(EINVAL, pthread_rwlock_timedwrlock(&l, &bad));
	IS(EINVAL, pthread_rwlock_clockrdlock(&l, CLOCK_MONOTONIC, &bad));
	IS(EINVAL, pthread_rwlock_clockwrlock(&l, CLOCK_MONOTONIC, &bad));
	IS(EINVAL, pthread_rwlock_clockrdlock(&l, 77, &past));
	IS(EINVAL, pthread_rwlock_clockwrlock(&l, 77, &past));
	IS(0, pthread_rwlock_timedrdlock(&l, &past));
	IS(0, pthread_rwlock_unlock(&l));
	IS(0, pthread_rwlock_timedwrlock(&l, &past));
	IS(0, pthread_rwlock_unlock(&l));
}

static void all_calls(const pthread_rwlockattr_t *attr)
{
	static char modes[] = "rw";

	IS(0, pthread_rwlock_init(&l, attr));
	IS(0, pthread_rwlock_rdlock(&l));
	IS(EBUSY, pthread_rwlock_trywrlock(&l));
	thread_end(thread_start(others, &modes[0]));
	IS(0, pthread_rwlock_unlock(&l));
	IS(0, pthread_rwlock_wrlock(&l));
	IS(EBUSY, pthread_rwlock_tryrdlock(&l));
	IS(EBUSY, pthread_rwlock_trywrlock(&l));
	thread_end(thread_start(others, &modes[1]));
	IS(0, pthread_rwlock_unlock(&l));
	IS(0, pthread_rwlock_tryrdlock(&l));
	IS(0, pthread_rwlock_unlock(&l));
	IS(0, pthread_rwlock_trywrlock(&l));
	IS(0, pthread_rwlock_unlock(&l));
	odd_times();
	IS(0, pthread_rwlock_destroy(&l));
}

int main(void)
{
	static const int kinds[] = {
		PTHREAD_RWLOCK_PREFER_READER_NP,
		PTHREAD_RWLOCK_PREFER_WRITER_NP,
		PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP,
	};
	pthread_rwlockattr_t attr;

	all_calls(NULL);
	for (int i = 0; i < 3; i++)
		for (int shared = 0; shared < 2; shared++) {
			printf("kind %d, %d\n", kinds[i], shared);
			pthread_rwlockattr_init(&attr);
			pthread_rwlockattr_setkind_np(&attr, kinds[i]);
			pthread_rwlockattr_setpshared(&attr, shared);
			all_calls(&attr);
		}
	return 0;
}

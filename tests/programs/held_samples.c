/* SPDX-License-Identifier: MIT */
/*
 * A lock that is held shortly 20,000 times and then for more than 1 us 30,000
 * times; between two holds another one is taken and given up.  For
 * held_samples.sh.
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;

static long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000L + now.tv_nsec;
}

static void hold(int times, long ns)
{
	while (times--) {
		pthread_mutex_lock(&m);
		if (ns)
			for (long end = now_ns() + ns; now_ns() < end;)
				;
		pthread_mutex_unlock(&m);
		pthread_mutex_lock(&other);
		pthread_mutex_unlock(&other);
	}
}

int main(void)
{
	hold(20000, 0);
	hold(30000, 1000);
	return 0;
}

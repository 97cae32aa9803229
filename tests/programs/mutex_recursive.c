/* SPDX-License-Identifier: MIT */
/*
 * A recursive mutex by every call that takes it: the depth counts, and it
 * is free for others only at depth zero.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static void *taker(void *expected)
{
	int r = pthread_mutex_trylock(&m);

	IS(*(const int *)expected, r);
	if (!r)
		IS(0, pthread_mutex_unlock(&m));
	return NULL;
}

static void others_see(int expected)
{
	thread_end(thread_start(taker, &expected));
}

int main(void)
{
	struct timespec later = time_in_ms(CLOCK_REALTIME, 1000);

	IS(0, pthread_mutex_lock(&m));
	IS(0, pthread_mutex_lock(&m));
	IS(0, pthread_mutex_trylock(&m));
	IS(0, pthread_mutex_timedlock(&m, &later));
	IS(0, pthread_mutex_clocklock(&m, CLOCK_REALTIME, &later));
	for (int i = 0; i < 5; i++) {
		others_see(EBUSY);
		IS(0, pthread_mutex_unlock(&m));
	}
	others_see(0);
	return 0;
}

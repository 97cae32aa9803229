/* SPDX-License-Identifier: MIT */
/*
 * The same for timedlock and clocklock, and for a PI mutex.  A timed call
 * would not have hung for ever, but it can never succeed either.
 *
 * expect: dl-self
 * expect: dl-self
 * expect: dl-self
 */
#include "program.h"

static pthread_mutex_t m;
static pthread_mutex_t p;

int main(void)
{
	struct timespec later = time_in_ms(CLOCK_REALTIME, 1000);
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	IS(0, pthread_mutex_init(&m, &attr));
	IS(0, pthread_mutex_lock(&m));
	IS(EDEADLK, pthread_mutex_timedlock(&m, &later));
	IS(EDEADLK, pthread_mutex_clocklock(&m, CLOCK_REALTIME, &later));
	IS(0, pthread_mutex_unlock(&m));

	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	IS(0, pthread_mutex_init(&p, &attr));
	IS(0, pthread_mutex_lock(&p));
	IS(EDEADLK, pthread_mutex_lock(&p));
	IS(0, pthread_mutex_unlock(&p));
	return 0;
}

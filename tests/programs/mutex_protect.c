/* SPDX-License-Identifier: MIT */
/*
 * Mutexes with a priority ceiling, which need a right the process may not
 * have; and the calls that only they have.
 *
 * expect: nothing
 */
#include "program.h"

int main(void)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t m;
	int old = 0;
	int r;

	pthread_mutexattr_init(&attr);
	IS(0, pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_PROTECT));
	IS(0, pthread_mutexattr_setprioceiling(&attr, 5));
	IS(0, pthread_mutex_init(&m, &attr));
	SHOW(r = pthread_mutex_lock(&m));
	if (!r)
		SHOW(pthread_mutex_unlock(&m));
	SHOW(r = pthread_mutex_trylock(&m));
	if (!r)
		SHOW(pthread_mutex_unlock(&m));
	SHOW(pthread_mutex_getprioceiling(&m, &old));
	SHOW(old);
	SHOW(pthread_mutex_setprioceiling(&m, 6, &old));
	SHOW(pthread_mutex_destroy(&m));
	return 0;
}

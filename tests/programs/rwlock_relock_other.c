/* SPDX-License-Identifier: MIT */
/*
 * The same for the calls that read and those with a time.
 *
 * expect: dl-self
 * expect: dl-self
 * expect: dl-self
 */
#include "program.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;

int main(void)
{
	struct timespec later = time_in_ms(CLOCK_REALTIME, 1000);

	IS(0, pthread_rwlock_wrlock(&l));
	IS(EDEADLK, pthread_rwlock_rdlock(&l));
	IS(EDEADLK, pthread_rwlock_timedrdlock(&l, &later));
	IS(EDEADLK, pthread_rwlock_timedwrlock(&l, &later));
	IS(0, pthread_rwlock_unlock(&l));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A reader asks to write under the same lock for a time, and tries to: the
 * program goes on, but neither can succeed.
 *
 * allow: perf-hot
 * expect: lock-upgrade
 * expect: lock-upgrade
 */
#include "program.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;

int main(void)
{
	struct timespec soon = time_in_ms(CLOCK_REALTIME, 2);

	IS(0, pthread_rwlock_rdlock(&l));
	IS(ETIMEDOUT, pthread_rwlock_timedwrlock(&l, &soon));
	IS(EBUSY, pthread_rwlock_trywrlock(&l));
	IS(0, pthread_rwlock_unlock(&l));
	return 0;
}

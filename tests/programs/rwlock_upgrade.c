/* SPDX-License-Identifier: MIT */
/*
 * A reader asks to write under the same lock, and hangs until it is killed.
 *
 * traces: 2
 * expect: lock-upgrade
 */
#include "stuck.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;

static void deadlock(void)
{
	pthread_rwlock_rdlock(&l);
	stuck_next();
	pthread_rwlock_wrlock(&l);
}

int main(void)
{
	run_until_stuck(deadlock, 1);
	return 0;
}

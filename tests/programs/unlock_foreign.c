/* SPDX-License-Identifier: MIT */
/*
 * A thread unlocks a mutex that another one holds.
 *
 * expect: lock-unlock-not-owner
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void *stranger(void *unused)
{
	IS(0, pthread_mutex_unlock(&m));
	return unused;
}

int main(void)
{
	pthread_mutex_lock(&m);
	thread_end(thread_start(stranger, NULL));
	return 0;
}

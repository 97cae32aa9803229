/* SPDX-License-Identifier: MIT */
/*
 * Two threads read under a rwlock at the same time, for some microseconds:
 * it is worth its price.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;

static void *reader(void *unused)
{
	for (int i = 0; i < 2000; i++) {
		pthread_rwlock_rdlock(&l);
		for (volatile int work = 0; work < 3000; work++)
			;
		pthread_rwlock_unlock(&l);
	}
	return unused;
}

int main(void)
{
	pthread_rwlock_rdlock(&l);
	thread_end(thread_start(reader, NULL));
	pthread_rwlock_unlock(&l);
	return 0;
}

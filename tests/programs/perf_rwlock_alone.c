/* SPDX-License-Identifier: MIT */
/*
 * Two threads read under a rwlock, one after the other: no reader ever meets
 * another one.
 *
 * expect: perf-rw-as-mutex
 */
#include "program.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;

static void *reader(void *unused)
{
	for (int i = 0; i < 1000; i++) {
		pthread_rwlock_rdlock(&l);
		pthread_rwlock_unlock(&l);
	}
	return unused;
}

int main(void)
{
	thread_end(thread_start(reader, NULL));
	thread_end(thread_start(reader, NULL));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A writer waits 20 ms for a reader.
 *
 * expect: perf-hot
 * expect: lock-held-blocking
 */
#include "program.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
static int held;

static void *writer(void *unused)
{
	meet(&held, 2);
	pthread_rwlock_wrlock(&l);
	pthread_rwlock_unlock(&l);
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(writer, NULL);

	pthread_rwlock_rdlock(&l);
	meet(&held, 2);
	usleep(20000);
	pthread_rwlock_unlock(&l);

	thread_end(t);
	return 0;
}

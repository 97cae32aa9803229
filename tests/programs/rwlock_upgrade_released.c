/* SPDX-License-Identifier: MIT */
/*
 * A reader releases the lock before it asks to write; another reader makes
 * it wait, or its try fail.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "program.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
static int reads;
static int tried;

static void *reader(void *unused)
{
	pthread_rwlock_rdlock(&l);
	meet(&reads, 2);
	meet(&tried, 2);
	pthread_rwlock_unlock(&l);
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(reader, NULL);

	IS(0, pthread_rwlock_rdlock(&l));
	IS(0, pthread_rwlock_unlock(&l));
	meet(&reads, 2);
	IS(EBUSY, pthread_rwlock_trywrlock(&l));
	meet(&tried, 2);
	IS(0, pthread_rwlock_wrlock(&l));
	IS(0, pthread_rwlock_unlock(&l));
	thread_end(t);
	return 0;
}

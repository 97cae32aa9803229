/* SPDX-License-Identifier: MIT */
/*
 * Two readers hold the lock together for 20 ms: nobody waits.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
static int held;
static int both;

static void *reader(void *unused)
{
	meet(&held, 2);
	pthread_rwlock_rdlock(&l);
	meet(&both, 2);
	pthread_rwlock_unlock(&l);
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(reader, NULL);

	pthread_rwlock_rdlock(&l);
	meet(&held, 2);
	usleep(20000);
	meet(&both, 2);
	pthread_rwlock_unlock(&l);

	thread_end(t);
	return 0;
}

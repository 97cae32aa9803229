/* SPDX-License-Identifier: MIT */
/*
 * Threads take a mutex by turns and each unlocks what it took, also when
 * the locks are given back in another order than they were taken.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t n = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;

static void *owner(void *unused)
{
	IS(0, pthread_mutex_lock(&m));
	IS(0, pthread_mutex_lock(&n));
	IS(0, pthread_rwlock_rdlock(&l));
	IS(0, pthread_rwlock_rdlock(&l));
	IS(0, pthread_mutex_unlock(&m));
	IS(0, pthread_rwlock_unlock(&l));
	IS(0, pthread_mutex_unlock(&n));
	IS(0, pthread_rwlock_unlock(&l));
	return unused;
}

int main(void)
{
	owner(NULL);
	thread_end(thread_start(owner, NULL));
	owner(NULL);
	return 0;
}

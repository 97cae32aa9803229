/* SPDX-License-Identifier: MIT */
/*
 * Locks destroyed while another thread holds them.  glibc refuses for a
 * mutex, and not for the others.
 *
 * expect: lock-destroy-held
 * expect: lock-destroy-held
 * expect: lock-destroy-held
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t s;
static int held;
static int destroyed;

static void *holder(void *unused)
{
	pthread_mutex_lock(&m);
	pthread_rwlock_rdlock(&l);
	pthread_spin_lock(&s);
	meet(&held, 2);
	meet(&destroyed, 2);
	pthread_spin_unlock(&s);
	pthread_rwlock_unlock(&l);
	pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	pthread_t t;

	pthread_spin_init(&s, PTHREAD_PROCESS_PRIVATE);
	t = thread_start(holder, NULL);
	meet(&held, 2);
	IS(EBUSY, pthread_mutex_destroy(&m));
	IS(0, pthread_rwlock_destroy(&l));
	IS(0, pthread_spin_destroy(&s));
	meet(&destroyed, 2);
	thread_end(t);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * The same locks, destroyed when the other thread has released them: it says
 * so by means that no trace shows.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t s;
static int released;

static void *holder(void *unused)
{
	pthread_mutex_lock(&m);
	pthread_rwlock_rdlock(&l);
	pthread_spin_lock(&s);
	pthread_spin_unlock(&s);
	pthread_rwlock_unlock(&l);
	pthread_mutex_unlock(&m);
	meet(&released, 2);
	return unused;
}

int main(void)
{
	pthread_t t;

	pthread_spin_init(&s, PTHREAD_PROCESS_PRIVATE);
	t = thread_start(holder, NULL);
	meet(&released, 2);
	IS(0, pthread_mutex_destroy(&m));
	IS(0, pthread_rwlock_destroy(&l));
	IS(0, pthread_spin_destroy(&s));
	thread_end(t);
	return 0;
}

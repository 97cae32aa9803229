/* SPDX-License-Identifier: MIT */
/*
 * By which call a lock or a semaphore was taken is in the trace, whichever way
 * its event was stored: as short as can be, or with a call, with flags.
 *
 * expect: nothing
 * events: ACQUIRE ACQUIRE_SHARED POST TAKE
 * event: 1 ACQUIRE mutex#1 pthread_mutex_lock
 * event: 1 ACQUIRE mutex#1 pthread_mutex_trylock
 * event: 1 ACQUIRE mutex#1 pthread_mutex_timedlock
 * event: 1 ACQUIRE spin#1 pthread_spin_lock
 * event: 1 ACQUIRE spin#1 pthread_spin_trylock
 * event: 1 ACQUIRE_SHARED rwlock#1 pthread_rwlock_rdlock
 * event: 1 ACQUIRE_SHARED rwlock#1 pthread_rwlock_tryrdlock
 * event: 1 ACQUIRE rwlock#1 pthread_rwlock_wrlock
 * event: 1 POST sem#1 sem_post
 * event: 1 TAKE sem#1 sem_wait
 * event: 1 POST sem#1 sem_post
 * event: 1 TAKE sem#1 sem_trywait
 * event: 1 POST sem#1 sem_post
 * event: 1 TAKE sem#1 sem_timedwait
 */
#include <semaphore.h>
#include <time.h>

#include "program.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static sem_t semaphore;

int main(void)
{
	struct timespec later;

	clock_gettime(CLOCK_REALTIME, &later);
	later.tv_sec += 60;
	IS(0, pthread_spin_init(&spin, 0));
	IS(0, sem_init(&semaphore, 0, 0));

	IS(0, pthread_mutex_lock(&mutex));
	IS(0, pthread_mutex_unlock(&mutex));
	IS(0, pthread_mutex_trylock(&mutex));
	IS(0, pthread_mutex_unlock(&mutex));
	IS(0, pthread_mutex_timedlock(&mutex, &later));
	IS(0, pthread_mutex_unlock(&mutex));

	IS(0, pthread_spin_lock(&spin));
	IS(0, pthread_spin_unlock(&spin));
	IS(0, pthread_spin_trylock(&spin));
	IS(0, pthread_spin_unlock(&spin));

	IS(0, pthread_rwlock_rdlock(&rwlock));
	IS(0, pthread_rwlock_unlock(&rwlock));
	IS(0, pthread_rwlock_tryrdlock(&rwlock));
	IS(0, pthread_rwlock_unlock(&rwlock));
	IS(0, pthread_rwlock_wrlock(&rwlock));
	IS(0, pthread_rwlock_unlock(&rwlock));

	IS(0, sem_post(&semaphore));
	IS(0, sem_wait(&semaphore));
	IS(0, sem_post(&semaphore));
	IS(0, sem_trywait(&semaphore));
	IS(0, sem_post(&semaphore));
	IS(0, sem_timedwait(&semaphore, &later));
	return 0;
}

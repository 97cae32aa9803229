/* SPDX-License-Identifier: MIT */
/*
 * The same calls with stamps: each event is stored in another way.
 *
 * env: CMSHIM_STAMPS=all
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
#include "call_events.c"

/* SPDX-License-Identifier: MIT */
/*
 * A library for dlopen_held.c and held_unseen.c: it takes locks for its caller,
 * and gives up what its caller took.
 */
#include <pthread.h>

void plugin_lock(pthread_mutex_t *m);
void plugin_unlock(pthread_mutex_t *m);
void plugin_write(pthread_rwlock_t *l);
void plugin_unlock_rwlock(pthread_rwlock_t *l);

void plugin_lock(pthread_mutex_t *m)
{
	pthread_mutex_lock(m);
}

void plugin_unlock(pthread_mutex_t *m)
{
	pthread_mutex_unlock(m);
}

void plugin_write(pthread_rwlock_t *l)
{
	pthread_rwlock_wrlock(l);
}

void plugin_unlock_rwlock(pthread_rwlock_t *l)
{
	pthread_rwlock_unlock(l);
}

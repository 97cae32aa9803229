/* SPDX-License-Identifier: MIT */
/*
 * A robust mutex is taken over from a dead thread and made consistent;
 * mutex_robust.c has one that is not.
 *
 * expect: lock-exit-held
 */
#include "program.h"

static pthread_mutex_t m;

static void *dies_holding(void *unused)
{
	pthread_mutex_lock(&m);
	return unused;
}

int main(void)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	IS(0, pthread_mutex_init(&m, &attr));
	thread_end(thread_start(dies_holding, NULL));
	IS(EOWNERDEAD, pthread_mutex_lock(&m));
	IS(0, pthread_mutex_consistent(&m));
	IS(0, pthread_mutex_unlock(&m));
	IS(0, pthread_mutex_lock(&m));
	IS(0, pthread_mutex_unlock(&m));
	return 0;
}

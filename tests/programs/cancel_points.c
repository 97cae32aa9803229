/* SPDX-License-Identifier: MIT */
/*
 * Threads cancelled while they block: in sem_wait, in join, in a barrier's
 * cleanup; and one that blocks for a mutex is not cancelled until it has it.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include <semaphore.h>

#include "program.h"

static sem_t s;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int begun[3]; /* by case; two threads meet at each */

static void *in_sem_wait(void *unused)
{
	meet(&begun[0], 2);
	sem_wait(&s);
	return unused;
}

static void *sleeper(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void *in_join(void *thread)
{
	meet(&begun[1], 2);
	pthread_join(*(pthread_t *)thread, NULL);
	return NULL;
}

static void *in_mutex(void *unused)
{
	meet(&begun[2], 2);
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	pthread_testcancel();
	return unused;
}

static void cancel(pthread_t t, int which)
{
	meet(&begun[which], 2);
	IS(0, pthread_cancel(t));
}

int main(void)
{
	pthread_t t;
	pthread_t sleeping;
	int value;

	sem_init(&s, 0, 0);
	t = thread_start(in_sem_wait, NULL);
	cancel(t, 0);
	IS(1, thread_end(t) == PTHREAD_CANCELED);
	sem_getvalue(&s, &value);
	IS(0, value);

	sleeping = thread_start(sleeper, NULL);
	t = thread_start(in_join, &sleeping);
	cancel(t, 1);
	IS(1, thread_end(t) == PTHREAD_CANCELED);
	IS(0, pthread_cancel(sleeping));
	IS(1, thread_end(sleeping) == PTHREAD_CANCELED);

	pthread_mutex_lock(&m);
	t = thread_start(in_mutex, NULL);
	cancel(t, 2);
	pthread_mutex_unlock(&m);
	IS(1, thread_end(t) == PTHREAD_CANCELED);
	IS(0, pthread_mutex_trylock(&m));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Threads with the smallest stacks there are, doing a little of everything.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include <limits.h>
#include <search.h>
#include <semaphore.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static sem_t s;
static int keys[64];
static void *root;
static int n_done;

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void *body(void *key)
{
	struct timespec past = { 1, 0 };

	pthread_mutex_lock(&m);
	tsearch(key, &root, compare);
	pthread_cond_timedwait(&c, &m, &past);
	pthread_cond_broadcast(&c);
	n_done++;
	pthread_mutex_unlock(&m);
	pthread_rwlock_wrlock(&l);
	sem_post(&s);
	pthread_rwlock_unlock(&l);
	sem_wait(&s);
	return NULL;
}

int main(void)
{
	pthread_attr_t attr;
	pthread_t t[64];

	sem_init(&s, 0, 0);
	pthread_attr_init(&attr);
	IS(0, pthread_attr_setstacksize(&attr,
					(size_t)sysconf(_SC_THREAD_STACK_MIN)));
	for (int i = 0; i < 64; i++) {
		keys[i] = i;
		must(pthread_create(&t[i], &attr, body, &keys[i]) == 0,
		     "create a thread");
	}
	for (int i = 0; i < 64; i++)
		thread_end(t[i]);
	IS(64, n_done);
	return 0;
}

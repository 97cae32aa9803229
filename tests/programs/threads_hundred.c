/* SPDX-License-Identifier: MIT */
/*
 * A hundred threads at once, all on two locks and one condition.
 *
 * expect: nothing
 * allow: perf-hot
 * allow: perf-hot
 */
#include "program.h"

#define THREADS 100

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int n_here;
static long sum;

static void *body(void *unused)
{
	pthread_mutex_lock(&m);
	if (++n_here == THREADS)
		pthread_cond_broadcast(&c);
	while (n_here < THREADS)
		pthread_cond_wait(&c, &m);
	pthread_mutex_unlock(&m);
	for (int i = 0; i < 200; i++) {
		pthread_rwlock_rdlock(&l);
		pthread_rwlock_unlock(&l);
		pthread_mutex_lock(&m);
		sum += i;
		pthread_mutex_unlock(&m);
	}
	return unused;
}

int main(void)
{
	pthread_t t[THREADS];

	for (int i = 0; i < THREADS; i++)
		t[i] = thread_start(body, NULL);
	for (int i = 0; i < THREADS; i++)
		thread_end(t[i]);
	IS(200 * 199 / 2 * THREADS, sum);
	return 0;
}

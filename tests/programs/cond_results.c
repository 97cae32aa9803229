/* SPDX-License-Identifier: MIT */
/*
 * What the calls on condition variables return, and that the mutex is held
 * again afterwards, whatever happened.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int n_waiting;
static int go;

static void *waiter(void *unused)
{
	pthread_mutex_lock(&m);
	n_waiting++;
	while (!go)
		must(pthread_cond_wait(&c, &m) == 0, "wait");
	go--;
	must(pthread_mutex_unlock(&m) == 0, "unlock");
	return unused;
}

static void wake(int n, int (*how)(pthread_cond_t *))
{
	pthread_t t[4];

	n_waiting = 0;
	for (int i = 0; i < n; i++)
		t[i] = thread_start(waiter, NULL);
	/* who has counted itself is inside the wait when we get the mutex */
	for (int all = 0; !all; sched_yield()) {
		pthread_mutex_lock(&m);
		all = n_waiting == n;
		pthread_mutex_unlock(&m);
	}
	pthread_mutex_lock(&m);
	go = n;
	IS(0, how(&c));
	pthread_mutex_unlock(&m);
	for (int i = 0; i < n; i++)
		thread_end(t[i]);
}

static void times(void)
{
	struct timespec past = { 1, 0 };
	struct timespec bad = { 0, 1000000000 };
	struct timespec soon = time_in_ms(CLOCK_REALTIME, 2);
	struct timespec mono = time_in_ms(CLOCK_MONOTONIC, 2);

	IS(0, pthread_mutex_lock(&m));
	IS(ETIMEDOUT, pthread_cond_timedwait(&c, &m, &past));
	IS(EBUSY, pthread_mutex_trylock(&m));
	IS(ETIMEDOUT, pthread_cond_timedwait(&c, &m, &soon));
	IS(ETIMEDOUT, pthread_cond_clockwait(&c, &m, CLOCK_MONOTONIC, &mono));
	IS(EINVAL, pthread_cond_timedwait(&c, &m, &bad));
	IS(EINVAL, pthread_cond_clockwait(&c, &m, CLOCK_MONOTONIC, &bad));
	IS(EINVAL, pthread_cond_clockwait(&c, &m, 77, &mono));
	IS(0, pthread_mutex_unlock(&m));
}

int main(void)
{
	struct timespec past = { 1, 0 };
	pthread_condattr_t attr;
	pthread_cond_t own;

	IS(0, pthread_cond_signal(&c));
	IS(0, pthread_cond_broadcast(&c));
	wake(1, pthread_cond_signal);
	wake(4, pthread_cond_broadcast);
	times();

	/* not held: the wait refuses, and has not released anything */
	IS(EPERM, pthread_cond_wait(&c, &m));
	IS(EPERM, pthread_cond_timedwait(&c, &m, &past));
	IS(0, pthread_mutex_lock(&m));
	IS(0, pthread_mutex_unlock(&m));

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	IS(0, pthread_cond_init(&own, &attr));
	IS(0, pthread_mutex_lock(&m));
	IS(ETIMEDOUT, pthread_cond_timedwait(&own, &m, &past));
	IS(0, pthread_mutex_unlock(&m));
	IS(0, pthread_cond_destroy(&own));
	return 0;
}

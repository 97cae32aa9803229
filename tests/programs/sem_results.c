/* SPDX-License-Identifier: MIT */
/*
 * What the semaphore calls return and leave in errno.
 *
 * expect: sem-overflow
 * allow: perf-hot
 */
#include <limits.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/time.h>

#include "program.h"

static sem_t s;

static void ignore(int signo)
{
	(void)signo;
}

static int value(void)
{
	int v;

	sem_getvalue(&s, &v);
	return v;
}

/* A timer that goes on, so that one that comes too early does no harm. */
static void interruptions(int on)
{
	struct itimerval it = { { 0, on ? 2000 : 0 }, { 0, on ? 2000 : 0 } };
	struct sigaction sa = { 0 };

	sa.sa_handler = ignore;
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
}

int main(void)
{
	struct timespec past = { 1, 0 };
	struct timespec bad = { 0, 1000000000 };
	struct timespec soon = time_in_ms(CLOCK_REALTIME, 2);
	struct timespec mono = time_in_ms(CLOCK_MONOTONIC, 2);
	struct timespec later = time_in_ms(CLOCK_REALTIME, 10000);

	FAILS(EINVAL, sem_init(&s, 0, SEM_VALUE_MAX + 1u));
	FAILS(0, sem_init(&s, 0, 2));
	FAILS(0, sem_wait(&s));
	FAILS(0, sem_trywait(&s));
	FAILS(EAGAIN, sem_trywait(&s));
	FAILS(ETIMEDOUT, sem_timedwait(&s, &past));
	FAILS(ETIMEDOUT, sem_timedwait(&s, &soon));
	FAILS(ETIMEDOUT, sem_clockwait(&s, CLOCK_MONOTONIC, &mono));
	FAILS(EINVAL, sem_timedwait(&s, &bad));
	FAILS(EINVAL, sem_clockwait(&s, 77, &mono));

	FAILS(0, sem_post(&s));
	FAILS(EINVAL, sem_timedwait(&s, &bad));
	FAILS(EINVAL, sem_clockwait(&s, 77, &mono));
	IS(1, value());
	FAILS(0, sem_timedwait(&s, &past));
	FAILS(0, sem_post(&s));
	FAILS(0, sem_clockwait(&s, CLOCK_MONOTONIC, &past));

	interruptions(1);
	FAILS(EINTR, sem_wait(&s));
	FAILS(EINTR, sem_timedwait(&s, &later));
	interruptions(0);
	IS(0, value());
	FAILS(0, sem_destroy(&s));

	FAILS(0, sem_init(&s, 0, SEM_VALUE_MAX));
	FAILS(EOVERFLOW, sem_post(&s));
	IS(SEM_VALUE_MAX, value());
	return 0;
}

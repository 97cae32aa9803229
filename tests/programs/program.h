/* SPDX-License-Identifier: MIT */
/*
 * What the programs of this folder share: results that are printed and
 * checked, threads, and keeping two threads inside one call at once.
 *
 * A program's output is compared with and without the shim.  What is known
 * beforehand is also checked here, so that a run in which both are wrong
 * does not pass: status 99 is a failure whatever the comparison says.
 */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Prints what a call gave; IS() ends the program if it is not expected. */
#define SHOW(call)	   printf("%s: %ld\n", #call, (long)(call))
#define IS(expected, call) result_is(expected, (long)(call), #call, __LINE__)

/* For calls that give -1 and errno. */
#define FAILS(expected, call) \
	result_is(expected, (call) == -1 ? errno : 0, #call, __LINE__)

static inline void result_is(long expected, long got, const char *text,
			     int line)
{
	printf("%s: %ld\n", text, got);
	if (got == expected)
		return;
	printf("line %d: expected %ld\n", line, expected);
	fflush(stdout);
	_exit(99);
}

/* For what is no test but has to work. */
static inline void must(int ok, const char *what)
{
	if (ok)
		return;
	printf("cannot %s: errno %d\n", what, errno);
	fflush(stdout);
	_exit(99);
}

static inline pthread_t thread_start(void *(*body)(void *), void *arg)
{
	pthread_t t;

	must(pthread_create(&t, NULL, body, arg) == 0, "create a thread");
	return t;
}

static inline void *thread_end(pthread_t t)
{
	void *result = NULL;

	must(pthread_join(t, &result) == 0, "join a thread");
	return result;
}

/* A point of time so many milliseconds from now. */
static inline struct timespec time_in_ms(clockid_t clock, long ms)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_nsec += ms % 1000 * 1000000;
	t.tv_sec += ms / 1000 + t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/*
 * Returns when n threads have called it with this counter: no lock, no
 * system call but the yield, so it can stand in a signal handler and adds no
 * event to the trace.
 */
static inline void meet(int *counter, int n)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(counter, __ATOMIC_ACQUIRE) < n)
		sched_yield();
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What the programs here share.  Each measures one thing, named by its
 * arguments, and prints lines for run.sh: what, value, unit.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define N_LOCKS 64

/* In a cache line of its own. */
struct padded_lock {
	pthread_mutex_t lock;
} __attribute__((aligned(64)));

static inline double bench_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline void bench_say(const char *what, double value, const char *unit)
{
	printf("%s %.9g %s\n", what, value, unit);
}

/* For what has to work. */
static inline void bench_must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(2);
}

static inline void *bench_sleep(void *unused)
{
	pause();
	return unused;
}

/* In a process with one thread only, glibc leaves the atomics out. */
static inline void bench_second_thread(void)
{
	pthread_t t;

	bench_must(!pthread_create(&t, NULL, bench_sleep, NULL), "thread");
}

/* Pseudo-random: the top bits are good. */
static inline uint32_t bench_draw(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

#endif

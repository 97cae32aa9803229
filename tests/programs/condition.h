/* SPDX-License-Identifier: MIT */
/*
 * For programs in which threads wait for a condition and another one has to
 * know that they do.
 */
#ifndef TESTS_CONDITION_H
#define TESTS_CONDITION_H

#include <dlfcn.h>

#include "program.h"

static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int waits; /* how often somebody was about to */
static int goes;

/* With the mutex held. */
static inline void condition_wait(void)
{
	waits++;
	pthread_cond_wait(&c, &m);
}

/* Returns when n waits have begun: with the mutex ours and the count up,
   they are inside. */
static inline void condition_awaited(int n)
{
	for (int in = 0; in < n; sched_yield()) {
		pthread_mutex_lock(&m);
		in = waits;
		pthread_mutex_unlock(&m);
	}
}

static inline void condition_meet(void)
{
	pthread_mutex_lock(&m);
	goes = 1;
	pthread_cond_signal(&c);
	pthread_mutex_unlock(&m);
}

/* Signals it by libc's own function, which nobody has wrapped. */
static inline void condition_signal_unseen(void)
{
	void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
	int (*signal_it)(pthread_cond_t *);

	must(libc != NULL, "find libc");
	signal_it = (int (*)(pthread_cond_t *))dlvsym(
		libc, "pthread_cond_signal", "GLIBC_2.3.2");
	must(signal_it != NULL, "find the function");
	signal_it(&c);
}

#endif

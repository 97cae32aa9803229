/* SPDX-License-Identifier: MIT */
/*
 * A thread is woken by a signal that is not recorded, which looks like one
 * that nobody sent, and waits again, for what it waited for is not there.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include <dlfcn.h>

#include "program.h"

static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int waits;
static int goes;

static void *waiter(void *unused)
{
	pthread_mutex_lock(&m);
	waits = 1;
	while (!goes) {
		pthread_cond_wait(&c, &m);
		waits++;
	}
	pthread_mutex_unlock(&m);
	return unused;
}

static void signal_unseen(void)
{
	void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
	int (*signal_it)(pthread_cond_t *);

	must(libc != NULL, "find libc");
	signal_it = (int (*)(pthread_cond_t *))dlvsym(
		libc, "pthread_cond_signal", "GLIBC_2.3.2");
	must(signal_it != NULL, "find the function");
	signal_it(&c);
}

int main(void)
{
	pthread_t t = thread_start(waiter, NULL);

	for (int in = 0; !in; sched_yield()) {
		pthread_mutex_lock(&m);
		in = waits;
		pthread_mutex_unlock(&m);
	}
	signal_unseen();
	for (int in = 0; in < 2; sched_yield()) {
		pthread_mutex_lock(&m);
		in = waits;
		pthread_mutex_unlock(&m);
	}
	pthread_mutex_lock(&m);
	goes = 1;
	pthread_cond_signal(&c);
	pthread_mutex_unlock(&m);
	thread_end(t);
	return 0;
}

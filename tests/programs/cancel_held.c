/* SPDX-License-Identifier: MIT */
/*
 * A thread cancelled in a condition wait has the mutex again, and nothing
 * releases it.  cancel_wait.c has the cleanup handler.
 *
 * expect: lock-cancel-held
 * allow: perf-hot
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int waits;

static void *waiter(void *unused)
{
	pthread_mutex_lock(&m);
	waits = 1;
	for (;;)
		pthread_cond_wait(&c, &m);
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(waiter, NULL);

	for (int in = 0; !in; sched_yield()) {
		pthread_mutex_lock(&m);
		in = waits;
		pthread_mutex_unlock(&m);
	}
	must(pthread_cancel(t) == 0, "cancel");
	IS(1, thread_end(t) == PTHREAD_CANCELED);
	IS(EBUSY, pthread_mutex_trylock(&m));
	return 0;
}

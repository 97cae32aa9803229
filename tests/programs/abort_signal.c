/* SPDX-License-Identifier: MIT */
/*
 * A program that aborts while a thread holds a lock and another waits for
 * it: same signal, and a trace.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include <sys/resource.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int ready;

static void *waiter(void *unused)
{
	meet(&ready, 2);
	pthread_mutex_lock(&m);
	return unused;
}

int main(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	pthread_mutex_lock(&m);
	thread_start(waiter, NULL);
	meet(&ready, 2);
	printf("aborting\n");
	fflush(stdout);
	abort();
}

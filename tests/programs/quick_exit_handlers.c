/* SPDX-License-Identifier: MIT */
/*
 * quick_exit() and its handlers, which lock.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void not_run(void)
{
	printf("exit handler\n");
}

static void run(void)
{
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	printf("quick handler\n");
	fflush(stdout);
}

int main(void)
{
	atexit(not_run);
	at_quick_exit(run);
	run();
	quick_exit(14);
}

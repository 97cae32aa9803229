/* SPDX-License-Identifier: MIT */
/*
 * exit() from a thread that is not the first and holds a lock, while the
 * first waits for it to end and another one holds a lock too.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;
static int ready;

static void handler(void)
{
	IS(EBUSY, pthread_mutex_trylock(&other));
	IS(0, pthread_mutex_unlock(&m));
	printf("handler\n");
}

static void *holder(void *unused)
{
	pthread_mutex_lock(&other);
	meet(&ready, 2);
	for (;;)
		pause();
	return unused;
}

static void *leaver(void *unused)
{
	meet(&ready, 2);
	pthread_mutex_lock(&m);
	exit(12);
	return unused;
}

int main(void)
{
	atexit(handler);
	thread_start(holder, NULL);
	thread_end(thread_start(leaver, NULL));
	return 1;
}

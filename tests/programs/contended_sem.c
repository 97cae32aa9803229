/* SPDX-License-Identifier: MIT */
/*
 * A semaphore used as a lock; one thread waits 20 ms for it.
 *
 * expect: perf-hot
 */
#include <semaphore.h>

#include "program.h"

static sem_t s;
static int held;

static void *waiter(void *unused)
{
	meet(&held, 2);
	sem_wait(&s);
	sem_post(&s);
	return unused;
}

int main(void)
{
	pthread_t t;

	sem_init(&s, 0, 1);
	t = thread_start(waiter, NULL);

	sem_wait(&s);
	meet(&held, 2);
	usleep(20000);
	sem_post(&s);

	thread_end(t);
	return 0;
}

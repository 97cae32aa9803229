/* SPDX-License-Identifier: MIT */
/*
 * A semaphore with room for two, held by both threads for 20 ms.
 *
 * expect: nothing
 */
#include <semaphore.h>

#include "program.h"

static sem_t s;
static int held;
static int both;

static void *second(void *unused)
{
	meet(&held, 2);
	sem_wait(&s);
	meet(&both, 2);
	sem_post(&s);
	return unused;
}

int main(void)
{
	pthread_t t;

	sem_init(&s, 0, 2);
	t = thread_start(second, NULL);

	sem_wait(&s);
	meet(&held, 2);
	usleep(20000);
	meet(&both, 2);
	sem_post(&s);

	thread_end(t);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A thread waits 20 ms for a semaphore that another one posts: that is how
 * work is handed over, and nobody held anything too long.
 *
 * expect: nothing
 */
#include <semaphore.h>

#include "program.h"

static sem_t s;
static int about_to_wait;

static void *worker(void *unused)
{
	meet(&about_to_wait, 2);
	sem_wait(&s);
	return unused;
}

int main(void)
{
	pthread_t t;

	sem_init(&s, 0, 0);
	t = thread_start(worker, NULL);
	meet(&about_to_wait, 2);
	usleep(20000);
	sem_post(&s);
	thread_end(t);
	return 0;
}

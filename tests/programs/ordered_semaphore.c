/* SPDX-License-Identifier: MIT */
/*
 * Two threads use a tree one after the other, ordered by a semaphore, to and
 * fro.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include <semaphore.h>

#include "unordered.h"

static sem_t there, back;

static void *second(void *unused)
{
	sem_wait(&there);
	insert(2);
	sem_post(&back);
	sem_wait(&there);
	insert(4);
	return unused;
}

int main(void)
{
	pthread_t t;

	sem_init(&there, 0, 0);
	sem_init(&back, 0, 0);
	t = thread_start(second, NULL);
	insert(1);
	sem_post(&there);
	sem_wait(&back);
	insert(3);
	sem_post(&there);
	thread_end(t);
	printf("%d\n", is_there(1) + is_there(2));
	return 0;
}

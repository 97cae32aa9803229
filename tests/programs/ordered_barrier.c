/* SPDX-License-Identifier: MIT */
/*
 * Two threads use a tree one after the other, ordered by a barrier.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "unordered.h"

static pthread_barrier_t b;

static void *second(void *unused)
{
	pthread_barrier_wait(&b);
	insert(2);
	pthread_barrier_wait(&b);
	pthread_barrier_wait(&b);
	must(is_there(3), "find");
	return unused;
}

int main(void)
{
	pthread_t t;

	pthread_barrier_init(&b, NULL, 2);
	t = thread_start(second, NULL);
	insert(1);
	pthread_barrier_wait(&b);
	pthread_barrier_wait(&b);
	insert(3);
	pthread_barrier_wait(&b);
	must(is_there(2), "find");
	thread_end(t);
	printf("%d\n", is_there(1) + is_there(2));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Two threads use a tree one after the other, ordered by creating and joining.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "unordered.h"

static void *second(void *unused)
{
	insert(2);
	return unused;
}

int main(void)
{
	pthread_t t;

	insert(1);
	t = thread_start(second, NULL);
	thread_end(t);
	insert(3);
	t = thread_start(second, NULL);
	thread_end(t);
	printf("%d\n", is_there(1) + is_there(2));
	return 0;
}

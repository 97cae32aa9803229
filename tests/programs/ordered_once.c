/* SPDX-License-Identifier: MIT */
/*
 * Two threads use a tree one after the other, ordered by once.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "unordered.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fill(void)
{
	insert(1);
	insert(2);
}

static void *second(void *unused)
{
	pthread_once(&once, fill);
	must(is_there(1), "find");
	return unused;
}

int main(void)
{
	pthread_t t;

	t = thread_start(second, NULL);
	pthread_once(&once, fill);
	must(is_there(2), "find");
	thread_end(t);
	printf("%d\n", is_there(1) + is_there(2));
	return 0;
}

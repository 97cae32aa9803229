/* SPDX-License-Identifier: MIT */
/*
 * Two threads use a tree one after the other, ordered by a mutex.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "unordered.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void insert_locked(int number)
{
	pthread_mutex_lock(&m);
	insert(number);
	pthread_mutex_unlock(&m);
}

static void *second(void *unused)
{
	turn_begin(1);
	for (int i = 10; i < 20; i++)
		insert_locked(i);
	insert_locked(2);
	turn_end();
	return unused;
}

int main(void)
{
	pthread_t t;

	t = thread_start(second, NULL);
	insert_locked(1);
	turn_end();
	turn_begin(2);
	insert_locked(3);
	thread_end(t);
	printf("%d\n", is_there(1) + is_there(2));
	return 0;
}

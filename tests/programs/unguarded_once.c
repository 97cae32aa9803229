/* SPDX-License-Identifier: MIT */
/*
 * Two threads insert into a tree under a mutex, but once without: the mutex,
 * taken before and after for something else, orders that too.
 *
 * expect: map-race-discipline
 * expect: map-race-sp
 * says: to see:
 */
#include "unordered.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void insert_locked(int number)
{
	pthread_mutex_lock(&m);
	insert(number);
	pthread_mutex_unlock(&m);
}

static void *inserter(void *unused)
{
	turn_begin(1);
	insert_locked(3);
	insert(4);
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	turn_end();
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(inserter, NULL);

	insert_locked(1);
	insert_locked(2);
	turn_end();
	turn_begin(2);
	insert_locked(5);
	thread_end(t);
	printf("%d\n", is_there(4) + is_there(5));
	return 0;
}

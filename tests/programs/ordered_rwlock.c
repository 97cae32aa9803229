/* SPDX-License-Identifier: MIT */
/*
 * Two threads use a tree one after the other, ordered by a rwlock, of which one
 * is a reader.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "unordered.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;

static int is_there_locked(int number)
{
	int is;

	pthread_rwlock_rdlock(&l);
	is = is_there(number);
	pthread_rwlock_unlock(&l);
	return is;
}

static void insert_locked(int number)
{
	pthread_rwlock_wrlock(&l);
	insert(number);
	pthread_rwlock_unlock(&l);
}

static void *second(void *unused)
{
	turn_begin(1);
	must(is_there_locked(1), "find");
	turn_end();
	return unused;
}

int main(void)
{
	pthread_t t;

	t = thread_start(second, NULL);
	insert_locked(1);
	turn_end();
	must(is_there_locked(1), "find");
	turn_begin(2);
	insert_locked(2);
	thread_end(t);
	printf("%d\n", is_there(1) + is_there(2));
	return 0;
}

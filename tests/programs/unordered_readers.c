/* SPDX-License-Identifier: MIT */
/*
 * Two threads insert into a tree while they hold a lock as readers.
 *
 * expect: map-write-under-rdlock
 */
#include "unordered.h"

static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;

static void insert_as_reader(int number)
{
	pthread_rwlock_rdlock(&l);
	insert(number);
	pthread_rwlock_unlock(&l);
}

static void *inserter(void *unused)
{
	turn_begin(1);
	insert_as_reader(2);
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(inserter, NULL);

	insert_as_reader(1);
	turn_end();
	thread_end(t);
	printf("%d\n", is_there(1) + is_there(2));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Two threads insert into a tree under a mutex each.  Each goes through the
 * other's before: to bring the calls together these sections would have to
 * change places, and whether they can is not known.
 *
 * expect: map-race-discipline
 */
#include "unordered.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;

static void go_through(pthread_mutex_t *lock)
{
	pthread_mutex_lock(lock);
	pthread_mutex_unlock(lock);
}

static void insert_under(pthread_mutex_t *lock, int number)
{
	pthread_mutex_lock(lock);
	insert(number);
	pthread_mutex_unlock(lock);
}

static void *second(void *unused)
{
	turn_begin(1);
	go_through(&a);
	insert_under(&b, 2);
	turn_end();
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(second, NULL);

	insert_under(&a, 1);
	turn_end();
	turn_begin(2);
	go_through(&b);
	insert_under(&a, 3);
	thread_end(t);
	printf("%d\n", is_there(2) + is_there(3));
	return 0;
}

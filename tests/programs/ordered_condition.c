/* SPDX-License-Identifier: MIT */
/*
 * Two threads use a tree one after the other, ordered by a condition variable
 * and its mutex.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include "unordered.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int ready;

static void *second(void *unused)
{
	pthread_mutex_lock(&m);
	while (!ready)
		pthread_cond_wait(&c, &m);
	pthread_mutex_unlock(&m);
	insert(2);
	return unused;
}

int main(void)
{
	pthread_t t;

	t = thread_start(second, NULL);
	insert(1);
	pthread_mutex_lock(&m);
	ready = 1;
	pthread_cond_signal(&c);
	pthread_mutex_unlock(&m);
	thread_end(t);
	printf("%d\n", is_there(1) + is_there(2));
	return 0;
}

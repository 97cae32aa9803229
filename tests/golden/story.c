/* SPDX-License-Identifier: MIT */
/*
 * One thread waits for a mutex that the main thread holds: a trace to make
 * reports of, with a finding that is at least a note.
 */
#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t held;

static void *waiter(void *unused)
{
	pthread_barrier_wait(&held);
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	pthread_t t;

	pthread_barrier_init(&held, NULL, 2);
	pthread_create(&t, NULL, waiter, NULL);

	pthread_mutex_lock(&m);
	pthread_barrier_wait(&held);
	usleep(20000);
	pthread_mutex_unlock(&m);

	pthread_join(t, NULL);
	return 0;
}

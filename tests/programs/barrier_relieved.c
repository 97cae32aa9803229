/* SPDX-License-Identifier: MIT */
/*
 * Threads meet one other thread at a barrier for two, one after the other.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_barrier_t b;

static void *body(void *unused)
{
	pthread_barrier_wait(&b);
	pthread_barrier_wait(&b);
	return unused;
}

int main(void)
{
	must(pthread_barrier_init(&b, NULL, 2) == 0, "make one");
	for (int i = 0; i < 3; i++) {
		pthread_t t = thread_start(body, NULL);

		pthread_barrier_wait(&b);
		pthread_barrier_wait(&b);
		thread_end(t);
	}
	IS(0, pthread_barrier_destroy(&b));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Whoever is told to by a barrier destroys it at once; the other threads are
 * still on their way out of it.
 *
 * expect: nothing
 */
#include "program.h"

enum { THREADS = 4 };

static pthread_barrier_t b;

static void *body(void *unused)
{
	if (pthread_barrier_wait(&b) == PTHREAD_BARRIER_SERIAL_THREAD)
		must(pthread_barrier_destroy(&b) == 0, "destroy it");
	return unused;
}

int main(void)
{
	for (int round = 0; round < 50; round++) {
		pthread_t t[THREADS];

		must(pthread_barrier_init(&b, NULL, THREADS) == 0, "make one");
		for (int i = 0; i < THREADS; i++)
			t[i] = thread_start(body, NULL);
		for (int i = 0; i < THREADS; i++)
			thread_end(t[i]);
	}
	return 0;
}

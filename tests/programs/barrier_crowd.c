/* SPDX-License-Identifier: MIT */
/*
 * Three threads use a barrier that is for two, in turn: each pair twice.
 *
 * expect: barrier-misuse
 */
#include "program.h"

static pthread_barrier_t b;
static int rounds_done;

/* The thread leaves every third round out. */
static void *body(void *number)
{
	int left_out = *(const int *)number;

	for (int round = 0; round < 6; round++) {
		if (round % 3 != left_out)
			pthread_barrier_wait(&b);
		meet(&rounds_done, 3 * (round + 1));
	}
	return NULL;
}

int main(void)
{
	static const int numbers[3] = { 0, 1, 2 };
	pthread_t t[3];

	must(pthread_barrier_init(&b, NULL, 2) == 0, "make one");
	for (int i = 0; i < 3; i++)
		t[i] = thread_start(body, (void *)&numbers[i]);
	for (int i = 0; i < 3; i++)
		thread_end(t[i]);
	IS(0, pthread_barrier_destroy(&b));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Who waits on two futexes is woken at the one or the other: who wakes it
 * comes before it.
 *
 * build: -pthread
 * steps: 2
 */
#include <pthread.h>

#include "../programs/futex_waitv.h"
#include "../programs/in_futex.h"
#include "handover.h"

static uint32_t one, other;
static uint32_t *const words[] = { &one, &other };
static long waiter; /* kernel's */
static int waits[2];

static void *taker(void *unused)
{
	const uint32_t values[] = { 0, 0 };

	waiter = syscall(SYS_gettid);
	for (int step = 0; step < 2; step++) {
		set(&waits[step]);
		while (wait_for_either(words, values, NULL) != step)
			;
		after_taking(step);
	}
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t t;

	begin(argc, argv);
	pthread_create(&t, NULL, taker, NULL);
	for (int step = 0; step < 2; step++) {
		until(&waits[step]);
		while (!is_in_futex(waiter))
			sched_yield();
		before_giving(step);
		if (syscall(SYS_futex, words[step], FUTEX_WAKE_PRIVATE, 1) != 1)
			exit(99);
		after_giving(step);
	}
	pthread_join(t, NULL);
	return end(2);
}

/* SPDX-License-Identifier: MIT */
/*
 * A thread sleeps on a word of its own, one that it keeps and one that is in
 * its frame as long as it waits: who wakes it comes before it.
 *
 * build: -pthread
 * steps: 3
 */
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

#include "../programs/in_futex.h"
#include "handover.h"

static uint32_t *word; /* to wake it by */
static long waiter;    /* kernel's */
static int waits[3];

static void sleep_on(uint32_t *own, int step)
{
	__atomic_store_n(own, 0, __ATOMIC_RELAXED);
	word = own;
	set(&waits[step]);
	while (syscall(SYS_futex, own, FUTEX_WAIT_PRIVATE, 0, NULL) != 0)
		;
	after_taking(step);
}

static __attribute__((noinline)) void sleep_in_frame(int step)
{
	uint32_t own;

	sleep_on(&own, step);
}

static void *taker(void *unused)
{
	static __thread uint32_t kept;

	waiter = syscall(SYS_gettid);
	sleep_on(&kept, 0);
	sleep_in_frame(1);
	sleep_on(&kept, 2);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t t;

	begin(argc, argv);
	pthread_create(&t, NULL, taker, NULL);
	for (int step = 0; step < 3; step++) {
		until(&waits[step]);
		while (!is_in_futex(waiter))
			sched_yield();
		before_giving(step);
		if (syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1) != 1)
			exit(99);
		after_giving(step);
	}
	pthread_join(t, NULL);
	return end(3);
}

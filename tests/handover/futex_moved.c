/* SPDX-License-Identifier: MIT */
/*
 * Who waits for one futex is moved to another one and woken there: who wakes
 * it comes before it, whoever moved it.
 *
 * build: -pthread
 * steps: 2
 */
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

#include "../programs/in_futex.h"
#include "handover.h"

static uint32_t from[2], to[2];
static long waiter; /* kernel's */
static int waits[2];

static long futex(uint32_t *at, int op, uintptr_t four, uint32_t *second)
{
	return syscall(SYS_futex, at, op, 0, four, second, 0);
}

static void *taker(void *unused)
{
	waiter = syscall(SYS_gettid);
	for (int step = 0; step < 2; step++) {
		set(&waits[step]);
		while (futex(&from[step], FUTEX_WAIT, 0, NULL) != 0)
			;
		after_taking(step);
	}
	return unused;
}

static void give(int step)
{
	until(&waits[step]);
	while (!is_in_futex(waiter))
		sched_yield();
	if (futex(&from[step], step ? FUTEX_REQUEUE : FUTEX_CMP_REQUEUE, 1,
		  &to[step]) != 1)
		exit(99);
	before_giving(step);
	if (syscall(SYS_futex, &to[step], FUTEX_WAKE, 1) != 1)
		exit(99);
	after_giving(step);
}

int main(int argc, char **argv)
{
	pthread_t t;

	begin(argc, argv);
	pthread_create(&t, NULL, taker, NULL);
	give(0);
	give(1);
	pthread_join(t, NULL);
	return end(2);
}

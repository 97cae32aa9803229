/* SPDX-License-Identifier: MIT */
/*
 * Two threads want a lock that is made of futex_wait(2) and futex_wake(2).
 *
 * expect: perf-futex
 * says: waiting for futex_parts!lock
 */
#include "futex_parts.h"
#include "program.h"

enum { FREE, TAKEN, WAITED_FOR };

static uint32_t lock;
static int n;

static void take(void)
{
	uint32_t is = FREE;

	if (__atomic_compare_exchange_n(&lock, &is, TAKEN, 0, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(&lock, WAITED_FOR, __ATOMIC_ACQUIRE) != FREE)
		parts_wait(&lock, WAITED_FOR, ANY_OF, NULL);
}

static void give(void)
{
	if (__atomic_exchange_n(&lock, FREE, __ATOMIC_RELEASE) == WAITED_FOR)
		parts_wake(&lock, 1);
}

static void *work(void *unused)
{
	for (int i = 0; i < 20; i++) {
		take();
		usleep(2000);
		n++;
		give();
		usleep(1000); /* the other one's turn */
	}
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(work, NULL);

	work(NULL);
	thread_end(t);
	printf("%d\n", n);
	return 0;
}

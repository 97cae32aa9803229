/* SPDX-License-Identifier: MIT */
/*
 * Two threads want a lock, and wait for it or for a word to stop, whichever
 * comes first.
 *
 * expect: perf-futex
 * says: waiting for futex_waitv!lock
 */
#include "futex_waitv.h"
#include "program.h"

enum { FREE, TAKEN, WAITED_FOR };

static uint32_t lock, stop;
static int n;

static void take(void)
{
	uint32_t *const words[] = { &stop, &lock };
	const uint32_t values[] = { 0, WAITED_FOR };
	uint32_t is = FREE;

	if (__atomic_compare_exchange_n(&lock, &is, TAKEN, 0, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(&lock, WAITED_FOR, __ATOMIC_ACQUIRE) != FREE)
		wait_for_either(words, values, NULL);
}

static void give(void)
{
	if (__atomic_exchange_n(&lock, FREE, __ATOMIC_RELEASE) == WAITED_FOR)
		syscall(SYS_futex, &lock, FUTEX_WAKE_PRIVATE, 1);
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

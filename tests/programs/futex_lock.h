/* SPDX-License-Identifier: MIT */
/*
 * A lock made of a futex, and two threads that take turns with it.  How they
 * wait and wake is the program's business.
 */
#ifndef TESTS_FUTEX_LOCK_H
#define TESTS_FUTEX_LOCK_H

#include <stdint.h>

#include "program.h"

/* Waits if the word has the value; it may return early. */
static void lock_wait(uint32_t *word, uint32_t value);
static void lock_wake_one(uint32_t *word);

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
		lock_wait(&lock, WAITED_FOR);
}

static void give(void)
{
	if (__atomic_exchange_n(&lock, FREE, __ATOMIC_RELEASE) == WAITED_FOR)
		lock_wake_one(&lock);
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

static void work_in_turns(void)
{
	pthread_t t = thread_start(work, NULL);

	work(NULL);
	thread_end(t);
	printf("%d\n", n);
}

#endif

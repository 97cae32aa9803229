/* SPDX-License-Identifier: MIT */
/*
 * Three threads want a lock that has a queue of those who wait, each of which
 * sleeps on a futex of its own.
 *
 * expect: perf-futex
 * says: each slept on a word of its own
 */
#include <sched.h>

#include "futex_own_words.h"
#include "program.h"

static struct lock {
	char busy; /* for the fields below */
	bool is_held;
	struct sleeper *first, **last;
} lock = { .last = &lock.first };

static int n;

static void enter(void)
{
	while (__atomic_test_and_set(&lock.busy, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void leave(void)
{
	__atomic_clear(&lock.busy, __ATOMIC_RELEASE);
}

static __attribute__((noinline)) void take(struct sleeper *me)
{
	bool waits;

	enter();
	waits = lock.is_held;
	lock.is_held = true;
	if (waits) {
		me->next = NULL;
		*lock.last = me;
		lock.last = &me->next;
	}
	leave();
	if (waits)
		own_sleep(me);
}

static __attribute__((noinline)) void give(void)
{
	struct sleeper *next;

	enter();
	next = lock.first;
	lock.is_held = next != NULL;
	if (next)
		lock.first = next->next;
	if (!lock.first)
		lock.last = &lock.first;
	leave();
	if (next)
		own_wake(next);
}

static void *work(void *unused)
{
	struct sleeper me = { .woken = 0 };

	for (int i = 0; i < 20; i++) {
		take(&me);
		n++;
		usleep(2000);
		give();
		usleep(100); /* the next one's turn */
	}
	return unused;
}

int main(void)
{
	pthread_t threads[3];

	for (int i = 0; i < 3; i++)
		threads[i] = thread_start(work, NULL);
	for (int i = 0; i < 3; i++)
		thread_end(threads[i]);
	printf("%d\n", n);
	return 0;
}

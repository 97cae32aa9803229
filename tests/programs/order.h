/* SPDX-License-Identifier: MIT */
/*
 * For programs that take locks in different orders without ever deadlocking:
 * their threads take turns by means that no trace shows, so that whoever
 * looks at the trace has to think that they might have met.
 */
#ifndef TESTS_ORDER_H
#define TESTS_ORDER_H

#include "program.h"

static int order_turn;

/* Waits for the n-th turn, from 0. */
static inline void turn_begin(int n)
{
	while (__atomic_load_n(&order_turn, __ATOMIC_ACQUIRE) != n)
		sched_yield();
}

static inline void turn_end(void)
{
	__atomic_add_fetch(&order_turn, 1, __ATOMIC_ACQ_REL);
}

/* For a second round of turns. */
static inline void turn_restart(void)
{
	__atomic_store_n(&order_turn, 0, __ATOMIC_RELEASE);
}

static inline void take_both(pthread_mutex_t *first, pthread_mutex_t *second)
{
	pthread_mutex_lock(first);
	pthread_mutex_lock(second);
	pthread_mutex_unlock(second);
	pthread_mutex_unlock(first);
}

/* Runs the bodies as threads that live at the same time. */
static inline void run_threads(void *(*const *bodies)(void *), int n)
{
	pthread_t threads[8];

	for (int i = 0; i < n; i++)
		threads[i] = thread_start(bodies[i], NULL);
	for (int i = 0; i < n; i++)
		thread_end(threads[i]);
}

#endif

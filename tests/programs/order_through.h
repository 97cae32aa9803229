/* SPDX-License-Identifier: MIT */
/*
 * Two threads take a and b in different orders.  One of them is inside a gate
 * all the while, the other goes through it on its way there.
 */
#ifndef TESTS_ORDER_THROUGH_H
#define TESTS_ORDER_THROUGH_H

#include "order.h"

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;

static inline void be_inside(void)
{
	pthread_mutex_lock(&gate);
	take_both(&a, &b);
	pthread_mutex_unlock(&gate);
}

static inline void go_through(void)
{
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	take_both(&b, &a);
}

/* 0 or 1: the turn of who is inside; the other one is who goes through's. */
static int turn_inside;

static void *inside(void *unused)
{
	turn_begin(turn_inside);
	be_inside();
	turn_end();
	return unused;
}

static void *through(void *unused)
{
	turn_begin(!turn_inside);
	go_through();
	turn_end();
	return unused;
}

static inline void meet_at_the_gate(int turn)
{
	static void *(*const bodies[])(void *) = { inside, through };

	turn_inside = turn;
	run_threads(bodies, 2);
}

#endif

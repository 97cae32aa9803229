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

#endif

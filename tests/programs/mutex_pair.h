/* SPDX-License-Identifier: MIT */
/*
 * For C++ programs in which one pair of mutexes comes to lie where another
 * was: the first is taken in one order, the second in the other.
 */
#ifndef TESTS_MUTEX_PAIR_H
#define TESTS_MUTEX_PAIR_H

#include <mutex>

#include "order.h"

struct pair {
	std::mutex a, b;
};

static pair *volatile current;

/* In turn 1. */
static void *forward(void *unused)
{
	turn_begin(1);
	{
		std::lock_guard<std::mutex> one(current->a);
		std::lock_guard<std::mutex> two(current->b);
	}
	turn_end();
	return unused;
}

/* In turn 3. */
static void *backward(void *unused)
{
	turn_begin(3);
	{
		std::lock_guard<std::mutex> one(current->b);
		std::lock_guard<std::mutex> two(current->a);
	}
	turn_end();
	return unused;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A tree that two threads write under a mutex, by turns (unordered.h), and
 * something that calls a function of the program's, which writes it as well.
 */
#ifndef TESTS_CALLBACK_H
#define TESTS_CALLBACK_H

#include "unordered.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static inline void insert_locked(int number)
{
	pthread_mutex_lock(&m);
	insert(number);
	pthread_mutex_unlock(&m);
}

/* Turn 1. */
static void *other_thread(void *unused)
{
	turn_begin(1);
	for (int i = 10; i < 20; i++)
		insert_locked(i);
	turn_end();
	return unused;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Two threads that insert into a tree by turns, six times under one mutex and
 * once under what the program says; each has gone through that mutex when it
 * inserts, so all insertions are ordered.
 */
#ifndef TESTS_GUARD_TWO_H
#define TESTS_GUARD_TWO_H

#include "unordered.h"

static pthread_mutex_t usual = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;

/* What guards the last insertion; it has just given up `usual`. */
static void insert_last(int number);

static inline void insert_as_usual(int number)
{
	pthread_mutex_lock(&usual);
	insert(number);
	pthread_mutex_unlock(&usual);
}

static void *second(void *unused)
{
	for (int i = 1; i < 6; i += 2) {
		turn_begin(i);
		insert_as_usual(i);
		turn_end();
	}
	turn_begin(7);
	pthread_mutex_lock(&usual);
	pthread_mutex_unlock(&usual);
	insert_last(7);
	turn_end();
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(second, NULL);

	for (int i = 0; i < 7; i += 2) {
		turn_begin(i);
		insert_as_usual(i);
		turn_end();
	}
	thread_end(t);
	printf("%d\n", is_there(6) + is_there(7));
	return 0;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * For programs that want a large trace: many locks, so that no two events in
 * a row are alike.
 */
#ifndef TESTS_MUCH_H
#define TESTS_MUCH_H

#include "program.h"

#define MUCH_LOCKS 4000

static pthread_mutex_t much_locks[2][MUCH_LOCKS];

/* Takes each lock of a set of its own so many times. */
static inline void much_locking(int set, int rounds)
{
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < MUCH_LOCKS; i++) {
			pthread_mutex_lock(&much_locks[set][i]);
			pthread_mutex_unlock(&much_locks[set][i]);
		}
}

static inline void *much_body(void *unused)
{
	much_locking(1, 25);
	return unused;
}

#endif

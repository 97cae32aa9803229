/* SPDX-License-Identifier: MIT */
/*
 * What predict.h promises, found the long way: for short traces, by going
 * through every pair of events, every tuple of requests and every
 * sync-preserving reordering there is.  Takes the definitions literally and
 * nothing from the engine, which it is there to judge.
 */
#ifndef TESTS_UNIT_BRUTEFORCE_H
#define TESTS_UNIT_BRUTEFORCE_H

#include <stddef.h>
#include <stdint.h>

#include "std/predict.h"

enum {
	BRUTE_EVENTS = 24,
	BRUTE_THREADS = 4,
	BRUTE_LOCKS = 4,
	BRUTE_VARS = 4,
};

struct brute {
	struct prediction numbers; /* .violations stays 0 */
	uint64_t n_long;	   /* deadlocks reached of three and more */
	uint64_t n_states;	   /* of reorderings that were looked at */
};

/*
 * What needs no reordering is right for any trace; reorderings are looked at
 * if the trace keeps lock discipline, else the numbers from them stay 0.
 */
struct brute brute_force(const struct std_event *events, size_t n);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Random STD traces: short programs run by a simulator in which locks, fork
 * and join do what they do, under a random schedule.
 */
#ifndef TESTS_UNIT_STD_RANDOM_H
#define TESTS_UNIT_STD_RANDOM_H

#include <stdbool.h>

#include "std/std.h"

enum { RANDOM_THREADS = 8, RANDOM_LOCKS = 8 };

/* What a trace is made of. */
struct std_taste {
	uint32_t n_events, n_threads, n_locks, n_vars;
	bool has_requests;
	bool forks;	   /* else all threads are there from the start */
	bool is_lawless;   /* nobody looks whether a lock is free or held */
	uint32_t lockings; /* of ten operations, so many are on locks */
};

/* For short traces.  The same seed makes the same tastes and traces. */
struct std_taste std_taste_random(uint64_t *seed);

/* Stores at most taste->n_events; returns how many. */
size_t std_random(const struct std_taste *taste, uint64_t *seed,
		  struct std_event *events);

#endif

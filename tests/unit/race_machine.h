/* SPDX-License-Identifier: MIT */
/*
 * A machine with true locks, rwlocks, semaphores, barriers, once, channels,
 * condition variables with calls that last, threads and map calls that
 * overlap.  It takes random steps and records them as the recorder would.
 */
#ifndef TESTS_RACE_MACHINE_H
#define TESTS_RACE_MACHINE_H

#include "script.h"

enum {
	MAX_NODES = 320,
	N_STEPS = 110,
	MAX_CALLS = 160,
	MACHINE_THREADS = 7, /* 1 is the first */
	MACHINE_WORDS = MAX_NODES / 64,
};

enum doing { NOT_MADE, RUNNING, AT_BARRIER, WAITING, WOKEN, SIGNALLING, OVER };

struct node {
	struct event ev;
	bool is_lost;
	uint64_t number;     /* of the object; 0: none */
	uint32_t generation; /* of a barrier */
	uint64_t wait; /* WAKE: number of its WAIT; SIGNAL: last during it */
};

struct call {
	uint32_t thread, map;
	bool is_write, is_open, was_met;
	int enter, leave; /* nodes; the same for a call of one record */
	uint64_t seq, end;
	int entered, left; /* steps */
};

struct machine {
	uint64_t seed, random;
	const char *mix; /* of what threads do, a letter each */
	struct node nodes[MAX_NODES];
	int n_nodes, step;
	enum doing doing[MACHINE_THREADS];
	uint32_t held[MACHINE_THREADS][4];
	bool is_shared[MACHINE_THREADS][4];
	int n_held[MACHINE_THREADS], call[MACHINE_THREADS],
		signal[MACHINE_THREADS];
	uint64_t wait[MACHINE_THREADS];
	bool is_signalled[MACHINE_THREADS];
	uint64_t numbers[SCRIPT_OBJECTS];
	uint64_t starts[2], active[2];
	int semaphore, n_arrived;
	uint32_t generation, arrived_in[MACHINE_THREADS];
	bool once_ran;
	struct call calls[MAX_CALLS];
	int n_calls;
	struct event stream[2 * MAX_NODES];
	size_t n_stream;
	bool is_doubtful; /* the stream leaves open what a signal woke */
	uint64_t before[MAX_NODES][MACHINE_WORDS]; /* nodes before each */
};

/* To be freed with free(); it has run and been merged once. */
struct machine *machine_new(uint64_t seed);

/* Another order of those that the merge may choose, in stream. */
void machine_merge(struct machine *m);

uint32_t machine_pick(struct machine *m, uint32_t n);

#endif

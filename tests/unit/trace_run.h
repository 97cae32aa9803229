/* SPDX-License-Identifier: MIT */
/*
 * Random programs, run by a simulator that keeps the semantics of locks,
 * semaphores, maps, threads and signal handlers, and recorded as trace.h
 * says: with chunks that end anywhere, streams handed on, numbers left out
 * where they may be.
 */
#ifndef TESTS_TRACE_RUN_H
#define TESTS_TRACE_RUN_H

#include "trace_writer.h"

enum { THREADS = 5, OBJECTS = 7, MAX_EVENTS = 2000, STREAMS = 32 };

enum { MUTEX = 1, MUTEX2, RWLOCK, CONDITION, SEMAPHORE, MAP };

/* One event as it was recorded; KEY tells which one it is. */
struct told {
	int op, thread, object;
	uint64_t seq, end;
	int other;
	bool nested;
	int before; /* nested: so many records of the thread come before */
};

struct context {
	struct written *chunk;
	uint32_t stream, index;
	uint64_t last[OBJECTS]; /* numbers of this chunk, plus 1; 0: none */
	int until;		/* records left in the chunk */
};

enum doing { NOTHING, TAKING, LEAVING, READING, WRITING, SIGNALLING };

struct simulated {
	bool created, started, over, joined;
	struct context main, handler;
	int held[16], n_held;
	bool shared[16];
	enum doing doing;
	struct told pending; /* has its number, is not stored */
	int n_stored, n_nested;
	int requested;
};

struct run {
	uint64_t random;
	struct writer *w;
	struct simulated threads[THREADS + 1];
	uint64_t numbers[OBJECTS]; /* taken last */
	int owner[OBJECTS], readers[OBJECTS], value;
	struct told told[MAX_EVENTS];
	int n_told;
	uint32_t n_streams;
	struct context spare[STREAMS]; /* of threads that ended */
	int n_spare;
};

/* A program of that seed, stopped after so many steps.  o->w is to be freed. */
void run_random(struct run *o, uint64_t seed, int steps);

/* What the thread has a number for, but no record yet, is recorded. */
void run_store(struct run *o, int thread);

#endif

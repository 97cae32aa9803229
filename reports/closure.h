/* SPDX-License-Identifier: MIT */
/*
 * Sync-preserving closure (POPL 2021, PLDI 2023): the least part of a trace
 * that any reordering has to contain which brings given events within reach,
 * lets every read see the write it saw, and keeps the order of critical
 * sections on one lock.
 *
 * Such a part is closed under the order within threads, under fork and join,
 * under the write a read saw, and: of the acquires of one lock in it all but
 * the last have their release in it too.  Replayed in the trace's own order it
 * is a reordering; so events are a race, or a deadlock, of some
 * sync-preserving reordering if and only if none is in the closure of what
 * stands before them.
 *
 * The closure only grows: while it is extended each event is looked at once.
 */
#ifndef REPORTS_CLOSURE_H
#define REPORTS_CLOSURE_H

#include "groups.h"
#include "std_holds.h"

struct closure;

struct closure *closure_new(const struct std_trace *trace,
			    const struct std_holds *holds);
void closure_free(struct closure *closure);

/* One group of events of one thread. */
struct choice {
	uint32_t thread, group;
};

enum { MAX_CHOICES = 4 };

/*
 * Whether there is an event in each of the groups so that a reordering reaches
 * all of them and has done none.
 */
bool closure_reaches(struct closure *closure, const struct groups *groups,
		     const struct choice *choices, size_t n);

/* How many steps were taken so far, for whoever has to come to an end. */
uint64_t closure_steps(const struct closure *closure);

#endif

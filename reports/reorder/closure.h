/* SPDX-License-Identifier: MIT */
/*
 * Sync-preserving closure (POPL 2021, PLDI 2023): the least part of a trace
 * that any reordering has to contain which brings given events within reach,
 * lets every read see the write it saw, and keeps the order of critical
 * sections on one lock.
 *
 * Such a part is closed under the order within threads, under fork and join,
 * under the write a read saw, and: of two acquires of one lock in it, not both
 * shared, the earlier has its release in it too.  Replayed in the trace's own
 * order it is a reordering; so events are a race, or a deadlock, of some
 * sync-preserving reordering if and only if none is in the closure of what
 * stands before them.
 *
 * The closure only grows: while it is extended each event is looked at once.
 */
#ifndef REPORTS_CLOSURE_H
#define REPORTS_CLOSURE_H

#include <stdbool.h>

#include "reorder/groups.h"

struct closure;

struct closure *closure_new(void);
void closure_free(struct closure *closure);

/*
 * What is known of the trace, thread by thread in order.  Threads and locks
 * are dense numbers from 0; an event's place in its thread is counted from 1,
 * and not all have to be told of.
 */

/* That there is such a thread; others need not be told of before. */
void closure_add_thread(struct closure *closure, uint32_t thread);

/* The thread can do this event only after the other's first n events. */
void closure_add_after(struct closure *closure, uint32_t thread, uint32_t pos,
		       uint32_t other, uint32_t n);
/* The same, as its thread cannot even stand before the event without them. */
void closure_add_start(struct closure *closure, uint32_t thread, uint32_t pos,
		       uint32_t other, uint32_t n);
/* The same, of a read, which counts if closure_keep_reads() says so. */
void closure_add_read(struct closure *closure, uint32_t thread, uint32_t pos,
		      uint32_t other, uint32_t n);

#define NO_RELEASE UINT32_MAX /* is behind all events of the thread */

struct acquired {
	uint32_t lock;
	bool is_shared;
	uint32_t event; /* goes up from one acquire to the next, in all */
	uint32_t until; /* the place of its release, or NO_RELEASE */
};

/*
 * Place 0 is before the trace: the lock was held when it began.  Returns which
 * of the thread's it is, for closure_set_until().
 */
size_t closure_add_acquire(struct closure *closure, uint32_t thread,
			   uint32_t pos, const struct acquired *acquired);
void closure_set_until(struct closure *closure, uint32_t thread, size_t acquire,
		       uint32_t until);

/* Whether every read has to see the write it saw.  They have, at first. */
void closure_keep_reads(struct closure *closure, bool keep);

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

/* Of the last search, if it came to one: where in groups->pos the i-th is. */
size_t closure_met(const struct closure *closure, size_t i);

/* How many steps were taken so far, for whoever has to come to an end. */
uint64_t closure_steps(const struct closure *closure);

#endif

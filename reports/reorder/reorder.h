/* SPDX-License-Identifier: MIT */
/*
 * Whether another order of what was recorded brings threads to given places
 * at once: the sync-preserving closure (closure.h) of a recorded trace.
 *
 * Beside locks, readers and writers apart, these order as they did: creating
 * and joining threads, semaphores, barriers, once, signals, hand-overs, and
 * making a lock or map before it is used.  Whoever obtains comes after all who
 * gave before: more order than there was loses a finding and makes none up.
 *
 * A trace may be long, so it is looked at in windows: what came before one is
 * taken as it was, with the locks that are held then.  An answer holds for the
 * whole trace; what lies further apart than a window is not found.  A window
 * also ends where events are missing, and where locks are not used as locks.
 *
 *	reorder_ends_window(r, &ev)	before each event: if so, ask ...
 *	reorder_reaches(r, ...)
 *	reorder_begin_window(r)		... and go on
 *	reorder_put(r, key, thread)	the event is one of those asked for
 *	reorder_event(r, &ev)		and is over
 */
#ifndef REPORTS_REORDER_H
#define REPORTS_REORDER_H

#include "event.h"
#include "reorder/closure.h"

struct reorder;

/* window: that many steps of synchronisation make one.  max_steps: after so
   many of searching all answers are no. */
struct reorder *reorder_new(const struct trace_info *info, size_t window,
			    uint64_t max_steps);
void reorder_free(struct reorder *r);

/* Of the event that comes next. */
bool reorder_ends_window(const struct reorder *r, const struct event *ev);
void reorder_begin_window(struct reorder *r);

/* A lock that the thread holds; once however often it took it. */
struct reorder_hold {
	uint32_t object;
	uint32_t stack; /* where it was taken */
	bool shared;
	uint32_t depth;
	size_t acquire; /* closure.h's */
};

const struct reorder_hold *reorder_holds(const struct reorder *r,
					 uint32_t thread, size_t *n);

/* Added to numbers about maps; others are about locks. */
#define REORDER_MAPS (1u << 31)

/*
 * The event that comes next is one of the thread's that are asked for by this
 * number.  Nothing is kept of one that comes to the same as that before it.
 */
void reorder_put(struct reorder *r, uint32_t key, uint32_t thread);
void reorder_event(struct reorder *r, const struct event *ev);

/* A thread at one of its events of that number. */
struct reorder_place {
	uint32_t key;
	uint32_t thread; /* where it is 0: whichever can be there */
	uint64_t nth;	 /* which of these events, from 1; is stored */
	uint64_t order;	 /* larger for what came later; is stored */
};

/*
 * Whether an order brings different threads to all these places, none having
 * done its event.  with_reads: one in which each read of a map comes after the
 * write that it came after.  Up to MAX_CHOICES places; true only if found.
 */
bool reorder_reaches(struct reorder *r, struct reorder_place *places, size_t n,
		     bool with_reads);

/* The work done, for whoever has to come to an end. */
uint64_t reorder_steps(const struct reorder *r);
uint32_t reorder_n_windows(const struct reorder *r);

#endif

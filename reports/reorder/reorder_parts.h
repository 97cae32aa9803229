/* SPDX-License-Identifier: MIT */
/* What reorder.c writes down and reorder_ask.c asks about. */
#ifndef REPORTS_REORDER_PARTS_H
#define REPORTS_REORDER_PARTS_H

#include "ledger.h"
#include "reorder/reorder.h"

struct object {
	uint32_t owner;	   /* holds it exclusively; 0: nobody */
	uint32_t n_shared; /* hold it shared */
	/* Of this window only: */
	uint32_t window;
	uint32_t lock;	  /* the closure's number, plus 1; 0: none */
	uint32_t channel; /* index of .gifts; 0: none */
	uint32_t writer;  /* of a map: the thread that wrote it last */
	uint32_t written; /* and its place there */
};

struct thread {
	struct reorder_hold *holds;
	size_t n_holds, room_holds;
	struct reorder_hold last; /* given up last; object 0: none */
	uint32_t foreign; /* a lock it did not hold and has just released */
	/* Of this window only: */
	uint32_t pos;
	uint32_t stirred; /* where it last did what the closure looks at */
};

/* What was asked for by one number of one thread. */
struct asked_for {
	uint64_t n;
	uint32_t window, stirred; /* of the last one kept */
};

struct candidate {
	uint32_t key, thread, pos;
	uint64_t nth;
};

struct reorder {
	const struct trace_info *info;
	size_t window_steps;
	uint64_t max_steps;
	uint32_t window; /* from 1 */
	struct object *objects;
	struct thread *threads;
	struct ledger asked_for; /* by key and thread */

	/* Of this window: */
	struct closure *closure;
	uint32_t n_locks, n_acquires;
	uint32_t *gifts; /* by channel, from 1: how often something was given */
	size_t n_gifts, room_gifts;
	size_t n_steps;
	struct candidate *candidates;
	size_t n_candidates, room_candidates;

	/* Of its candidates, when they are asked about: */
	bool is_sorted;
	struct groups groups; /* by key and thread */
	struct table *first;  /* key to group, plus 1 */
	uint32_t *next;	      /* by group, the next of the key; plus 1 */
	size_t *candidate_at; /* by place in groups.pos */

	uint64_t steps;	    /* of the windows before */
	uint64_t n_earlier; /* candidates of the windows before */
};

void reorder_forget_sorted(struct reorder *r);

#endif

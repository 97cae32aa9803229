/* SPDX-License-Identifier: MIT */
/*
 * Circles of lock orders that different threads can be on at the same time,
 * those through the same places in the program told once.
 */
#ifndef REPORTS_CIRCLES_H
#define REPORTS_CIRCLES_H

#include "locks/asked.h"
#include "reorder/reorder.h"
#include "report/report.h"

/* Each asks for a lock that the next one holds, the last for one's of the
   first. */
struct circle {
	size_t n;
	uint32_t orders[LOCKGRAPH_LONG];
	uint32_t askings[LOCKGRAPH_LONG]; /* the places chosen */
	struct moment moments[LOCKGRAPH_LONG];
	bool is_own;	   /* of two, by one thread and no other */
	uint64_t count;	   /* times that the rarest of its orders was seen */
	uint32_t n_alike;  /* found with the same locks after this one */
	uint32_t n_folded; /* others that are told with this one */
	bool is_left_out;  /* told with another one, or as what happened */
	/* Where another order of the run brings its threads; circle_reach.h */
	bool is_reached;
	struct reorder_place reached[LOCKGRAPH_SHORT];
};

struct lock_list {
	const struct side_lock *locks;
	size_t n;
};

struct circles {
	struct circle *all;
	size_t n;
	bool gave_up; /* before all was looked at */

	struct arena *mem;
	const struct trace_info *info;
	struct asked *asked;
	const struct world *world;
	size_t room;
	struct lock_list *held; /* by asking; locks NULL: not listed yet */
	struct table *threads;	/* (held, asked) to thread, or SEVERAL */
	struct table *known;	/* key of a circle to index, plus 1 */
	struct table *alike;	/* key of its locks alone to the same */
	uint64_t tries;
};

/* After the last event.  The asked are changed, and must outlive it. */
struct circles *circles_find(struct asked *asked, const struct world *world,
			     struct arena *mem);
void circles_free(struct circles *all);

/* Which lock the i-th asks for, and which of its locks is asked for. */
uint32_t circle_asks(const struct circles *all, const struct circle *c,
		     size_t i);
uint32_t circle_holds(const struct circles *all, const struct circle *c,
		      size_t i);

const struct lock_list *circles_locks(struct circles *all, uint32_t asking);

/* Whether what was seen at the lock's address may have been two locks. */
bool circles_is_doubtful(const struct circles *all, uint32_t lock);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What an STD trace says about races and deadlocks, that happened or that a
 * reordering would make: the numbers of `cmshim analyze`.
 *
 * All are exact up to PREDICT_EXACT events.  In longer traces a search that
 * takes too many steps is given up, and its numbers are PREDICT_UNKNOWN.
 */
#ifndef REPORTS_PREDICT_H
#define REPORTS_PREDICT_H

#include "std/std.h"

enum { PREDICT_EXACT = 10000 };

#define PREDICT_UNKNOWN	  UINT64_MAX
#define PREDICT_MAX_STEPS 500000000u /* some ten seconds */

struct prediction {
	/*
	 * Accesses of one variable by two threads, one a write, of which the
	 * earlier does not happen before the later by program order, fork,
	 * join and release to later acquire: the later ones, the pairs, the
	 * variables.
	 */
	uint64_t hb_racy_events, hb_racy_pairs, hb_racy_vars;

	/* Different pairs of a lock held and one acquired or requested. */
	uint64_t lockgraph_edges;

	/*
	 * Cycles of two to four abstract acquires: thread, lock, locks held.
	 * Each one's lock is held by the next; threads and locks are distinct,
	 * and what they hold is disjoint.  Requests take the place of acquires
	 * if the trace has any.
	 */
	uint64_t abstract_deadlocks;

	/* Those of them that a sync-preserving reordering runs into. */
	uint64_t sync_preserving_deadlocks;

	/* Variables with a race that a sync-preserving reordering reaches. */
	uint64_t sync_preserving_racy_vars;

	uint64_t violations; /* of lock discipline: see std_holds.h */
};

/* max_steps: of each search, in a trace that is too long to be exact. */
struct prediction predict(const struct std_trace *trace, uint64_t max_steps);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Who waited how long because of whom, by lock and by call stacks of both: the
 * cells of a sparse matrix.
 */
#ifndef REPORTS_BLAMES_H
#define REPORTS_BLAMES_H

#include "report/report.h"

struct blame_cell {
	struct blame blame;
	uint32_t next; /* of the same lock; blames.c's own */
	uint32_t wait; /* number of the wait that was counted last */
	/* Of the longest single wait here: */
	uint64_t worst_ns, since_ns;
	uint32_t waiter, holder;
	uint32_t waiter_holds; /* number of a lockset */
};

/* One wait, while it is split over those who had the lock. */
struct blame_wait {
	uint32_t number; /* of the wait: from 1, not used twice */
	uint32_t object, thread, stack;
	uint32_t holds; /* number of the lockset of who waited */
	uint64_t since_ns, wait_ns;
};

struct blames;

struct blames *blames_new(void);
void blames_free(struct blames *blames);

/* So much of the wait was because of this thread's hold, taken at stack.
 *first is the lock's own, 0 before its first cell. */
void blames_add(struct blames *blames, uint32_t *first,
		const struct blame_wait *wait, uint32_t holder,
		uint32_t holder_stack, uint64_t ns);

/*
 * The cells of a lock, sorted by the waiter's stack, then the larger first;
 * malloc's, NULL if there are none.
 */
struct blame_cell *blames_of(const struct blames *blames, uint32_t first,
			     size_t *n);

/* Of these the waiting place that lost most time, and of its cells the
   largest; NULL if there are none. */
const struct blame_cell *blames_worst(const struct blame_cell *cells, size_t n);

/* They as a report wants them, the largest first; malloc's. */
struct blame *blames_sorted(const struct blame_cell *cells, size_t n);

#endif

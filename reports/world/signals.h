/* SPDX-License-Identifier: MIT */
/*
 * What the signals of one condition variable tell those who wait for it: each
 * that waits is told by all signals from its WAIT to its WAKE, since it may
 * have been any of them that woke it.
 */
#ifndef REPORTS_SIGNALS_H
#define REPORTS_SIGNALS_H

#include "world/timeline.h"

/* The signals between one WAIT and the next. */
struct interval {
	uint64_t number;
	uint32_t n_waiting; /* whose WAIT is at its beginning */
	struct knowledge told;
};

/* Zeroed, nobody waits. */
struct signals {
	struct interval *intervals; /* by number */
	size_t n, room;
	uint64_t last;
	uint32_t giver, given_stack; /* who signalled last, and where */
};

void signals_release(struct vclock_pool *pool, struct signals *s);

/* What was told is known anyway.  Who waits goes on waiting. */
void signals_forget(struct vclock_pool *pool, struct signals *s);

/* A WAIT.  Returns its number: signals_since() and signals_woken() take it. */
uint64_t signals_wait(struct vclock_pool *pool, struct signals *s);

/* A SIGNAL or BROADCAST by a thread that knows this. */
void signals_tell(struct vclock_pool *pool, struct signals *s,
		  const struct knowledge *known, struct epoch teller);

/* The intervals from this one to the last are those after the WAIT. */
size_t signals_since(const struct signals *s, uint64_t wait);

/* The WAIT has ended. */
void signals_woken(struct vclock_pool *pool, struct signals *s, uint64_t wait);

#endif

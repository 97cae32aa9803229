/* SPDX-License-Identifier: MIT */
/*
 * Locksets as small numbers: what a thread holds, in which mode and where it
 * was taken, written down once however often it is met.  Number 0 is the
 * empty one.
 */
#ifndef REPORTS_LOCKSET_H
#define REPORTS_LOCKSET_H

#include "report/report.h"
#include "world/world.h"

struct locksets;

struct locksets *locksets_new(void);
void locksets_free(struct locksets *sets);

/* An acquire that comes soon, most likely the only lock held then: asks for
   the memory that it will take to number the set.  See fetch.h. */
void locksets_soon(const struct locksets *sets, const struct event *ev);

/* Numbers what the thread holds. */
void locksets_find(struct locksets *sets, struct world_thread *thread);

/* What the thread holds.  All who ask share world->locksets, so a number means
   the same to all. */
static inline uint32_t locksets_number(const struct world *world,
				       uint32_t thread)
{
	struct world_thread *t = &world->threads[thread];

	if (!t->has_lockset)
		locksets_find(world->locksets, t);
	return t->lockset;
}

/* The locks of a number, the first taken first; in the arena. */
const struct side_lock *locksets_list(const struct locksets *sets,
				      uint32_t number, struct arena *mem,
				      size_t *n);

/* The same of what the thread holds now. */
const struct side_lock *locksets_now(const struct world *world, uint32_t thread,
				     struct arena *mem, size_t *n);

bool locksets_has(const struct locksets *sets, uint32_t number, uint32_t lock);

#endif

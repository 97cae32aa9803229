/* SPDX-License-Identifier: MIT */
/*
 * Vector clocks: how much of each thread somebody knows.
 *
 * A clock is shared by all who know the same and copied when one of them
 * learns more, so that handing one on is a pointer.  NULL knows nothing.  A
 * clock is as long as the highest slot in it: what little is known of many
 * threads costs little.
 */
#ifndef REPORTS_VCLOCK_H
#define REPORTS_VCLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vclock {
	uint32_t refs;
	uint32_t n;
	uint32_t counts[]; /* by slot */
};

/* Where clocks live.  Memory of those given up is used for the next ones. */
struct vclock_pool;

struct vclock_pool *vclock_pool_new(void);
void vclock_pool_free(struct vclock_pool *pool); /* and all its clocks */

/* 0: nothing is known. */
static inline uint32_t vclock_at(const struct vclock *clock, uint32_t slot)
{
	return clock && slot < clock->n ? clock->counts[slot] : 0;
}

static inline struct vclock *vclock_keep(struct vclock *clock)
{
	if (clock)
		clock->refs++;
	return clock;
}

/* Gives up one reference, and sets it to NULL. */
void vclock_drop(struct vclock_pool *pool, struct vclock **clock);

/* Whether all that `other` knows is known. */
bool vclock_covers(const struct vclock *clock, const struct vclock *other);

/*
 * Adds what `other` knows and that slot has got to count.  *clock is replaced
 * if others share it or it has to grow.
 */
void vclock_learn(struct vclock_pool *pool, struct vclock **clock,
		  struct vclock *other, uint32_t slot, uint32_t count);

#endif

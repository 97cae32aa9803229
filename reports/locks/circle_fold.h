/* SPDX-License-Identifier: MIT */
/*
 * Circles of three locks and more that are one mistake: a place where locks
 * are taken in another order than elsewhere closes many circles, over many
 * ways from the one lock to the other.
 */
#ifndef REPORTS_CIRCLE_FOLD_H
#define REPORTS_CIRCLE_FOLD_H

#include "locks/circles.h"

/*
 * Of those that go through locks made at the same places, or through the same
 * places of asking, one is kept, with the counts of all: one that can be
 * reached, else one that nothing makes doubtful, else the shortest.  The
 * others, and those that were left out before, are left out.
 */
void circles_fold(struct circles *all);

/* What makes it doubtful that its threads are at these places like that:
   enum asking_flag, or-ed; and whether its locks are the ones meant. */
uint32_t circle_doubts(const struct circles *all, const struct circle *c,
		       bool *may_be_others);

#endif

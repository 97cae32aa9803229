/* SPDX-License-Identifier: MIT */
/*
 * Findings that a program runs into again and again: each is told once, for
 * its rule, the place where its object was made, and two places in the
 * program, with a count.
 */
#ifndef REPORTS_MISTAKES_H
#define REPORTS_MISTAKES_H

#include "report/report.h"
#include "world/world.h"

enum { MISTAKE_SIDES = 4 };

struct mistake {
	struct finding finding; /* count, weight and sides are kept for it */
	struct side sides[MISTAKE_SIDES];
};

struct mistakes;

struct mistakes *mistakes_new(struct arena *mem, const struct trace_info *info);
void mistakes_free(struct mistakes *all);

/*
 * One more of a kind.  Returns it to be told about if it is the first: with
 * rule, its level, and object set; valid until the next call.  Else NULL.
 */
struct mistake *mistakes_add(struct mistakes *all, const struct rule *rule,
			     uint32_t object, uint32_t stack, uint32_t other);

/* Adds a side with what its thread holds now.  More than there is room for
   are left out. */
void mistakes_side(struct mistakes *all, struct mistake *m,
		   const struct side *side, const struct world *world);

/* Where the thread took the lock that it holds. */
void mistakes_holder(struct mistakes *all, struct mistake *m, const char *role,
		     uint32_t thread, const struct world *world);

/* All of them, to be changed before they are reported. */
size_t mistakes_count(const struct mistakes *all);
struct mistake *mistakes_at(struct mistakes *all, size_t i);

void mistakes_report(const struct mistakes *all, struct report *out);

#endif

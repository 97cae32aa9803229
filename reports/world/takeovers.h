/* SPDX-License-Identifier: MIT */
/*
 * What each thread took last from others: for order.c, which says of two
 * calls that nothing orders what the last thing was that ordered their
 * threads.
 */
#ifndef REPORTS_TAKEOVERS_H
#define REPORTS_TAKEOVERS_H

#include "report/report.h"

struct takeover {
	struct last_order what;
	uint32_t count; /* of the giver's slot, known from then on */
};

/* So many of a thread are kept; older ones are not spoken of. */
enum { KEPT_TAKEOVERS = 16 };

struct takeovers {
	struct takeover all[KEPT_TAKEOVERS];
	uint32_t n; /* ever; may wrap */
};

/* To be filled; instead of the oldest one. */
static inline struct takeover *takeovers_next(struct takeovers *t)
{
	return &t->all[t->n++ % KEPT_TAKEOVERS];
}

/*
 * The last one from the giver, if nothing later of what that did with maps is
 * known, which is said by count; else NULL.  t may be NULL.
 */
const struct last_order *takeovers_last(const struct takeovers *t,
					uint32_t giver, uint32_t count);

#endif

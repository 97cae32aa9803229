/* SPDX-License-Identifier: MIT */
/*
 * Who called, where, and with which locks held: what is remembered of an
 * event until it may become a side of a finding.
 */
#ifndef REPORTS_SITE_H
#define REPORTS_SITE_H

#include "world/lockset.h"

struct site {
	uint32_t thread; /* 0: not known */
	uint32_t call;
	uint32_t stack;
	uint32_t lockset; /* see lockset.h */
};

/* Of the event, before which the world is as it is. */
static inline struct site site_of(const struct event *ev,
				  const struct world *world)
{
	return (struct site){
		.thread = ev->thread,
		.call = ev->call,
		.stack = ev->stack,
		.lockset = locksets_number(world, ev->thread),
	};
}

/* A side of a finding, with its locks listed in mem. */
struct side site_side(const struct site *site, const char *role,
		      const struct world *world, struct arena *mem);

/* What the call did, for a side of a finding. */
const char *site_role(const struct site *site, bool is_write,
		      const struct trace_info *info);

#endif

/* SPDX-License-Identifier: MIT */
/* How long the threads lived, from the stamps of their events. */
#ifndef REPORTS_LIVES_H
#define REPORTS_LIVES_H

#include "store.h"
#include "world/world.h"

struct life {
	bool begun;
	uint64_t first_ns, last_ns; /* of its stamps */
};

struct lives {
	const struct trace_info *info;
	struct life *of; /* by thread */
};

void lives_init(struct lives *lives, const struct trace_info *info,
		struct arena *mem);

static inline void lives_event(struct lives *lives, const struct event *ev)
{
	struct life *life = &lives->of[ev->thread];

	if (!ev->has_time)
		return;
	life->first_ns = life->begun ? life->first_ns : ev->time_ns;
	life->begun = true;
	life->last_ns = ev->time_ns;
}

/* The sum of all; the first thread's began with the trace. */
uint64_t lives_sum_ns(const struct lives *lives, const struct world *world);

#endif

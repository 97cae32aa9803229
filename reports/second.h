/* SPDX-License-Identifier: MIT */
/*
 * The second time that the events are gone through, for analyses that want to
 * know what another order of them would bring (reorder.h).  Most traces have
 * nothing to ask about, and are read once.
 */
#ifndef REPORTS_SECOND_H
#define REPORTS_SECOND_H

#include "analysis.h"

/* Where it ends if it takes too long. */
struct second_limits {
	size_t window;	     /* steps of synchronisation, some 40 bytes each */
	uint32_t n_windows;  /* in all */
	uint64_t n_events;   /* read again */
	uint64_t n_searched; /* steps of searching; a few ns each */
};

extern const struct second_limits second_usual;

/* An analysis after the last event of the first time. */
struct asker {
	const struct analysis *analysis;
	void *state;
	const struct world *world;
};

struct second;

/* Returns NULL if none of them wants a second time.  The list is copied. */
struct second *second_begin(const struct asker *askers, size_t n,
			    const struct second_limits *limits);

/* The next event, of the same numbers; returns false if that is enough. */
bool second_event(struct second *second, const struct event *ev);

/* How much of what it may take it has taken, from 0 to 1. */
double second_spent(const struct second *second);

/* After the last one; frees it. */
void second_end(struct second *second);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The order that no schedule can change: what a thread did before it made
 * another one comes before all of that, all of a thread before the join of
 * it, and before a barrier before after it.  Locks order nothing here.
 */
#ifndef REPORTS_HARDORDER_H
#define REPORTS_HARDORDER_H

#include "event.h"

struct hardorder;

/* What a thread was between two such events; all of it is one moment. */
struct moment {
	uint32_t phase; /* a number of its own; equal: the same moment */
	uint32_t thread;
	uint32_t own;	/* of the thread's pieces which one */
	uint32_t known; /* what it knew of others; hardorder.c's */
	uint32_t era;
};

struct hardorder *hardorder_new(const struct trace_info *info);
void hardorder_free(struct hardorder *order);

/* The ops that order anything. */
#define HARDORDER_OPS                                               \
	(EVENT_BIT(CMSHIM_OP_CREATE) | EVENT_BIT(CMSHIM_OP_START) | \
	 EVENT_BIT(CMSHIM_OP_JOIN) | EVENT_BIT(CMSHIM_OP_ARRIVE) |  \
	 EVENT_BIT(CMSHIM_OP_DEPART))

/* To be told of these and EVENT_GAP; of others nothing comes. */
void hardorder_event(struct hardorder *order, const struct event *ev);

/*
 * Order by other means: what one thread has done up to here, and that another
 * one comes after it from here on.
 */
uint32_t hardorder_tell(struct hardorder *order, uint32_t thread);
void hardorder_learn(struct hardorder *order, uint32_t thread, uint32_t told);

struct moment hardorder_now(struct hardorder *order, uint32_t thread);

/* Whether one of them always comes before the other. */
bool hardorder_are_ordered(const struct hardorder *order,
			   const struct moment *a, const struct moment *b);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Which threads are in a function of the program's that somebody has called
 * back, and by way of which call it was asked for.
 */
#ifndef REPORTS_CALLBACKS_H
#define REPORTS_CALLBACKS_H

#include "event.h"

/* Of a thread. */
struct callback {
	uint32_t depth;
	uint32_t call; /* that made the outermost */
};

/* 0: it is in none. */
static inline uint32_t callback_call(const struct callback *c)
{
	return c->depth ? c->call : 0;
}

static inline void callback_event(struct callback *c, const struct event *ev)
{
	if (ev->op == CMSHIM_OP_CALLBACK_ENTER && !c->depth++)
		c->call = ev->call;
	else if (ev->op == CMSHIM_OP_CALLBACK_EXIT && c->depth)
		c->depth--;
	else if (ev->op == CMSHIM_OP_DROP)
		c->depth = 0;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Map calls that have ended, in one record or in two: what they did is known
 * then.  An abandoned one has no result.
 */
#ifndef REPORTS_MAPCALL_H
#define REPORTS_MAPCALL_H

#include "event.h"

static inline bool mapcall_has_ended(const struct event *ev)
{
	return ev->op == CMSHIM_OP_MAP_READ || ev->op == CMSHIM_OP_MAP_WRITE ||
	       ev->op == CMSHIM_OP_MAP_NEXT || ev->op == CMSHIM_OP_MAP_EXIT;
}

/* Of one that has ended. */
static inline bool mapcall_is_write(const struct event *ev)
{
	return ev->op == CMSHIM_OP_MAP_WRITE ||
	       (ev->op == CMSHIM_OP_MAP_EXIT && ev->flags & CMSHIM_WRITE);
}

/* It was told whether the key was there. */
static inline bool mapcall_is_told(const struct event *ev)
{
	return ev->flags & (CMSHIM_HIT | CMSHIM_MISS);
}

/* A write that took something out, as far as it was told. */
static inline bool mapcall_took_out(const struct event *ev)
{
	if (!(ev->flags & CMSHIM_REMOVES) || ev->flags & CMSHIM_MISS)
		return false;
	return !ev->has_arg || ev->arg;
}

/* A write that put a new element in; or may have, if it was not told. */
static inline bool mapcall_put_in(const struct event *ev)
{
	return !(ev->flags & (CMSHIM_REMOVES | CMSHIM_HIT));
}

/* A write after which other keys are in the map than before. */
static inline bool mapcall_changed_keys(const struct event *ev)
{
	return mapcall_took_out(ev) || mapcall_put_in(ev);
}

#endif

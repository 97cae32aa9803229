/* SPDX-License-Identifier: MIT */
/*
 * Calls on one map that were ordered in the recorded run, but not in another
 * order of it: they are looked for when the events are gone through again.
 *
 * A call is what it is by its place, what it does and the locks held; each two
 * of a map are asked about that conflict and hold no lock that excludes.
 */
#ifndef REPORTS_RACE_REACH_H
#define REPORTS_RACE_REACH_H

#include "reorder/reorder.h"
#include "report/report.h"

struct race_reach;

/* mem is the report's. */
struct race_reach *race_reach_new(const struct trace_info *info,
				  struct arena *mem);
void race_reach_free(struct race_reach *reach);

/* The map is one of those asked about. */
void race_reach_watch(struct race_reach *reach, uint32_t map);

void race_reach_event(struct race_reach *reach, const struct event *ev,
		      struct reorder *r);

/* Looks for them in the window.  Returns whether there are maps left. */
bool race_reach_ask(struct race_reach *reach, struct reorder *r);

/* There were, but it would have taken too long. */
void race_reach_gave_up(struct race_reach *reach);

/* One finding for all maps made at one place. doubt: why it may be none, or
   NULL. */
void race_reach_report(struct race_reach *reach, const char *doubt,
		       struct report *out);

#endif

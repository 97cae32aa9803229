/* SPDX-License-Identifier: MIT */
/*
 * The waiting-for graph of groups of threads, one for each start routine.
 * While a thread waits for one that itself waits for a third, that part of
 * the time counts for the third.
 *
 * A knot is a set of groups that wait for nobody outside of it, but are
 * waited for: only what happens there can be what the whole program waits
 * for.
 */
#ifndef REPORTS_WAITING_H
#define REPORTS_WAITING_H

#include "event.h"
#include "replay/replay.h"

struct waiting;

struct waiting *waiting_new(const struct trace_info *info,
			    struct replay_groups *out);
void waiting_free(struct waiting *waiting);

/* Waits of one thread are told in the order in which they ended. */
void waiting_add(struct waiting *waiting, uint32_t thread, uint32_t for_thread,
		 double since_ns, double until_ns);

/* Which groups are in a knot, a bit each; knots of less than a hundredth of
   all waiting do not count. */
uint32_t waiting_knots(const struct replay_groups *groups);

#endif

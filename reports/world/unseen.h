/* SPDX-License-Identifier: MIT */
/*
 * Libraries that order threads by means that no trace records: which of them
 * a process had loaded, and what it is that is not seen.
 */
#ifndef REPORTS_UNSEEN_H
#define REPORTS_UNSEEN_H

#include "world/world.h"

/*
 * A sentence without a full stop that says what may order threads of this
 * process unseen: "libgomp.so is loaded: ...".  NULL: nothing that is known
 * of.  What is judged to be unordered may then be ordered after all.  Static.
 *
 * Of several libraries it is about the first in the table.
 */
const char *unseen_order(const struct trace_info *info);

/* Whether locks or semaphores that were taken are shared with other processes,
   of which nothing is seen here. */
bool unseen_is_shared(const struct world *world);

/*
 * Why nothing that is predicted from the trace is sure: that, or events that
 * are missing, or futexes, or other processes.  NULL: nothing that is known
 * of.  After the last event.  Looks at all objects.
 */
const char *unseen_doubt(const struct world *world, bool has_futexes);

#endif

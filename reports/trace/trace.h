/* SPDX-License-Identifier: MIT */
/*
 * Untrusted bytes to one ordered event stream.  Everything about a trace is
 * checked here and nowhere after.
 *
 * Order: see cmshim/trace.h.  The merge keeps each thread's own order, each
 * object's numbers, a thread's start after its creation and a join after the
 * last event of the joined thread; within that it follows one thread as long
 * as it can.  On a complete trace it never stalls.  Where numbers are missing
 * it goes on behind an EVENT_GAP.
 */
#ifndef REPORTS_TRACE_H
#define REPORTS_TRACE_H

#include "event.h"

struct trace;

/*
 * Opens a trace file; trace_open_memory() takes bytes that stay the caller's
 * and must outlive the trace.
 *
 * Returns 0 and a trace to close, or a negative errno value: what open(2) and
 * mmap(2) say, -EISDIR, or -EINVAL for what is no trace or one of which
 * nothing can be decoded.  *why is then a sentence without a full stop that
 * says what is wrong with the file, and is never NULL.
 */
int trace_open(struct trace **out, const char *path, const char **why);
int trace_open_memory(struct trace **out, const void *bytes, size_t size,
		      const char **why);
void trace_close(struct trace *trace);

/*
 * The same events from the first one on, as often as wanted: a trace to close,
 * before the one that it is of, which may be read on.  It has that one's
 * definitions and takes no room for its own.  Of a file that is still being
 * recorded it ends where the first reading ended, or before.
 */
struct trace *trace_again(const struct trace *trace);

/*
 * Stores the next event.  Returns 1 with an event, 0 at the end; what is
 * broken is left out, counted and shown in trace_info(), never an error.
 */
int trace_next(struct trace *trace, struct event *ev);

/* Valid until trace_close(). */
const struct trace_info *trace_info(const struct trace *trace);

/* How far the merge is, from 0 to 1, for a progress bar. */
double trace_progress(const struct trace *trace);

#endif

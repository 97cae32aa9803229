/* SPDX-License-Identifier: MIT */
/*
 * From a trace file to a report: every analysis over every event, in one
 * traversal.
 */
#ifndef REPORTS_RUN_H
#define REPORTS_RUN_H

#include "report_view.h"

/* Called now and then with how far the reading is, from 0 to 1, and how many
   events that was. */
typedef void run_progress(double done, uint64_t n_events, void *with);

/*
 * Adds what all analyses find in the trace of one process.  progress may be
 * NULL.  Returns 0, or what trace_open() returned, with its *why.
 */
int run_trace(struct report *report, const char *path, run_progress *progress,
	      void *with, const char **why);

#endif

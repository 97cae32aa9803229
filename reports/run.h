/* SPDX-License-Identifier: MIT */
/*
 * From a trace file to a report: every analysis over every event, in one
 * traversal.
 */
#ifndef REPORTS_RUN_H
#define REPORTS_RUN_H

#include "report/report_view.h"

enum run_stage {
	RUN_READING,
	RUN_AGAIN, /* a second time, if an analysis asks for it */
};

/* Who watches a run. */
struct run_watch {
	/* The trace is open: what stands in its header, its threads and its
	   objects are known, and no event has been read. */
	void (*opened)(const struct trace_info *info, void *with);

	/* Now and then: how far the stage is, from 0 to 1, and how many events
	   that was. */
	void (*progress)(enum run_stage stage, double done, uint64_t n_events,
			 void *with);
	void *with;
};

/*
 * Adds what all analyses find in the trace of one process.  watch may be
 * NULL.  Returns 0, or what trace_open() returned, with its *why.
 */
int run_trace(struct report *report, const char *path,
	      const struct run_watch *watch, const char **why);

#endif

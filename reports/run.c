/* SPDX-License-Identifier: MIT */
/* See run.h. */
#include "run.h"

#include <stdlib.h>

#include "analysis.h"
#include "trace.h"

#define X(name) extern const struct analysis analysis_##name;
#include "analyses.inc" /* made by the build from reports/analyses/ */
#undef X

const struct analysis *const analyses[] = {
#define X(name) &analysis_##name,
#include "analyses.inc"
#undef X
	NULL,
};

enum {
	N_ANALYSES = sizeof(analyses) / sizeof(analyses[0]),
	EVENTS_PER_PROGRESS = 1 << 16,
};

/* By op: who wants it; indices of analyses, and -1. */
struct audience {
	int8_t all[EVENT_THREAD_END + 1][N_ANALYSES];
};

static void find_audience(struct audience *audience)
{
	for (int op = 0; op <= EVENT_THREAD_END; op++) {
		size_t n = 0;

		for (size_t i = 0; analyses[i]; i++)
			if ((op >= 64 && op < EVENT_GAP) ||
			    analysis_wants(analyses[i], (uint8_t)op))
				audience->all[op][n++] = (int8_t)i;
		audience->all[op][n] = -1;
	}
}

static void read_events(struct trace *trace, struct world *world, void **states,
			run_progress *progress, void *with)
{
	struct audience audience;
	struct event ev;
	uint64_t n = 0;

	find_audience(&audience);
	while (trace_next(trace, &ev) > 0) {
		for (const int8_t *i = audience.all[ev.op]; *i >= 0; i++)
			analyses[*i]->event(states[*i], &ev, world);
		world_apply(world, &ev);
		if (progress && ++n % EVENTS_PER_PROGRESS == 0)
			progress(trace_progress(trace), with);
	}
}

int run_trace(struct report *report, const char *path, run_progress *progress,
	      void *with, const char **why)
{
	void *states[N_ANALYSES];
	struct trace *trace;
	struct world world;
	const struct trace_info *info;
	int result = trace_open(&trace, path, why);

	if (result < 0)
		return result;

	info = trace_info(trace);
	world_init(&world, info);
	report_begin(report, info);
	for (size_t i = 0; analyses[i]; i++)
		states[i] = analyses[i]->begin(report_arena(report), info);

	read_events(trace, &world, states, progress, with);

	for (size_t i = 0; analyses[i]; i++)
		analyses[i]->finish(states[i], &world, report);
	report_end(report);
	world_release(&world);
	trace_close(trace);
	return 0;
}

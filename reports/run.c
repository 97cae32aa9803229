/* SPDX-License-Identifier: MIT */
/* See run.h. */
#include "run.h"

#include <stdlib.h>

#include "analysis.h"
#include "store.h"
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
	EVENT_OPS = 128, /* more than there are */
};

/* Who is to be told of an event of one kind. */
struct audience {
	struct {
		void (*event)(void *state, const struct event *ev,
			      const struct world *world);
		void *state;
	} of[N_ANALYSES];
	size_t n;
};

/* By op, and whether it has a stamp. */
struct audiences {
	struct audience of[EVENT_OPS][2];
};

static struct audiences *audiences_new(void **states)
{
	struct audiences *all = zeroed(1, sizeof(*all));

	for (unsigned op = 0; op < EVENT_OPS; op++)
		for (unsigned has_time = 0; has_time < 2; has_time++) {
			struct audience *to = &all->of[op][has_time];

			for (size_t i = 0; analyses[i]; i++) {
				if (!analysis_wants(analyses[i], op, has_time))
					continue;
				to->of[to->n].event = analyses[i]->event;
				to->of[to->n++].state = states[i];
			}
		}
	return all;
}

static void read_events(struct trace *trace, struct world *world, void **states,
			run_progress *progress, void *with)
{
	struct audiences *all = audiences_new(states);
	struct event ev;
	uint64_t n = 0;

	while (trace_next(trace, &ev) > 0) {
		const struct audience *to =
			&all->of[ev.op % EVENT_OPS][ev.has_time];

		for (size_t i = 0; i < to->n; i++)
			to->of[i].event(to->of[i].state, &ev, world);
		world_apply(world, &ev);
		if (progress && ++n % EVENTS_PER_PROGRESS == 0)
			progress(trace_progress(trace), with);
	}
	free(all);
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

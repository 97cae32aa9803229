/* SPDX-License-Identifier: MIT */
/*
 * See run.h.
 *
 * The analyses are in groups, each with a world of its own, so that they need
 * nothing of one another: where there is more than one processor, threads share
 * the reading of the trace and the groups (batches.h).  Which thread does what
 * decides nothing that shows.
 */
#include "run.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "analysis.h"
#include "batches.h"
#include "second.h"
#include "store.h"
#include "trace/trace.h"
#include "world/order.h"

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
	BATCHES_PER_PROGRESS = 128,
	EVENTS_PER_PROGRESS = 1 << 16,
	EVENT_OPS = 128, /* more than there are */
};

struct hearer {
	analysis_event *event;
	void *state;
};

struct fetcher {
	void (*soon)(const void *state, const struct event *ev);
	const void *state;
};

/* Who is to be told of an event of one kind.  The lists end with NULL. */
struct audience {
	struct hearer hearers[N_ANALYSES + 1];
	struct fetcher fetchers[N_ANALYSES + 1];
	bool wakes; /* somebody who sleeps */
};

struct group {
	struct world world;
	void *states[N_ANALYSES]; /* NULL: not of this group, or not needed */
	bool sleeps[N_ANALYSES];
	/* By op, and whether it has a stamp: a pointer, as they are large. */
	struct audience *told[EVENT_OPS][2];
	struct audience audiences[EVENT_OPS][2];
};

/* Of a trace being read. */
struct run {
	struct trace *trace;
	const struct run_watch *watch; /* or NULL */
	uint64_t n_batches, n_events;  /* read */
	struct batches *batches;
	struct group *groups;
	size_t n_groups;
};

static bool is_in(size_t group, const struct run *run, enum analysis_group what)
{
	return what % run->n_groups == group;
}

static void audience_add(struct audience *to, const struct analysis *a,
			 analysis_event *event, void *state)
{
	struct hearer *hearer = to->hearers;
	struct fetcher *fetcher = to->fetchers;

	while (hearer->event)
		hearer++;
	*hearer = (struct hearer){ event, state };
	while (fetcher->soon)
		fetcher++;
	*fetcher = (struct fetcher){ a->soon, state };
}

static void group_hears(struct group *group, const struct analysis *a,
			void *state)
{
	for (unsigned op = 0; op < EVENT_OPS; op++)
		for (unsigned has_time = 0; has_time < 2; has_time++) {
			analysis_event *event =
				analysis_hearer(a, op, has_time);

			if (event)
				audience_add(&group->audiences[op][has_time], a,
					     event, state);
		}
}

static void group_sleeps(struct group *group, size_t number)
{
	group->sleeps[number] = true;
	for (unsigned op = 0; op < EVENT_OPS; op++)
		if (analysis_is_woken(analyses[number], op))
			for (unsigned has_time = 0; has_time < 2; has_time++)
				group->audiences[op][has_time].wakes = true;
}

static void group_wake(struct group *group, unsigned op)
{
	for (size_t i = 0; analyses[i]; i++)
		if (group->sleeps[i] && analysis_is_woken(analyses[i], op)) {
			group->sleeps[i] = false;
			group_hears(group, analyses[i], group->states[i]);
		}
	for (unsigned has_time = 0; has_time < 2; has_time++)
		group->audiences[op][has_time].wakes = false;
}

static void group_begin(struct run *run, size_t number, struct arena *mem)
{
	const struct trace_info *info = trace_info(run->trace);
	struct group *group = &run->groups[number];

	world_init(&group->world, info, is_in(number, run, ANALYSIS_ORDERED));
	for (size_t i = 0; analyses[i]; i++) {
		const struct analysis *a = analyses[i];

		if (!is_in(number, run, a->group) ||
		    (a->about && !(a->about & group->world.classes)))
			continue;
		group->states[i] = a->begin(mem, info);
		if (a->wakes)
			group_sleeps(group, i);
		else
			group_hears(group, a, group->states[i]);
	}
	for (unsigned op = 0; op < EVENT_OPS; op++)
		for (unsigned has_time = 0; has_time < 2; has_time++)
			group->told[op][has_time] =
				&group->audiences[op][has_time];
}

static const struct audience *audience_of(const struct group *group,
					  const struct event *ev)
{
	return group->told[ev->op % EVENT_OPS][ev->has_time];
}

static void group_fetch(const struct group *group, const struct event *ev)
{
	const struct fetcher *to = audience_of(group, ev)->fetchers;

	world_soon(&group->world, ev);
	for (; to->soon; to++)
		to->soon(to->state, ev);
}

static void group_read(struct group *group, const struct batch *batch)
{
	for (size_t at = 0; at < batch->n; at++) {
		const struct event *ev = &batch->events[at];
		const struct audience *to = audience_of(group, ev);

		if (at + ANALYSIS_SOON < batch->n)
			group_fetch(group, ev + ANALYSIS_SOON);
		if (to->wakes)
			group_wake(group, ev->op);
		for (const struct hearer *h = to->hearers; h->event; h++)
			h->event(h->state, ev, &group->world);
		world_apply(&group->world, ev);
	}
}

/* Returns whether there may be more. */
static bool fill(struct run *run, struct batch *batch)
{
	const struct run_watch *watch = run->watch;
	int more;

	batch->n = 0;
	while ((more = trace_next(run->trace, &batch->events[batch->n])) > 0 &&
	       ++batch->n < EVENTS_PER_BATCH)
		;
	run->n_events += batch->n;
	if (watch && ++run->n_batches % BATCHES_PER_PROGRESS == 0)
		watch->progress(RUN_READING, trace_progress(run->trace),
				run->n_events, watch->with);
	return more > 0;
}

static void *work(void *arg)
{
	struct run *run = arg;
	struct turn turn = { .stage = STAGE_FILL };

	while (batches_turn(run->batches, &turn)) {
		size_t number = turn.stage - STAGE_FIRST_READER;

		if (turn.stage == STAGE_FILL)
			turn.is_last = !fill(run, turn.batch);
		else
			group_read(&run->groups[number], turn.batch);
	}
	return NULL;
}

static size_t n_processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) < 0
		       ? 1
		       : (size_t)CPU_COUNT(&set);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* On one processor, a second world would only cost. */
static void run_begin(struct run *run, struct report *report)
{
	run->n_groups = n_processors() > 1 ? N_ANALYSIS_GROUPS : 1;
	run->groups = zeroed(run->n_groups, sizeof(*run->groups));
	for (size_t i = 0; i < run->n_groups; i++)
		group_begin(run, i, arena_within(report_arena(report)));
}

/* This thread and others; what others there cannot be is no matter. */
static void run_read(struct run *run)
{
	size_t n = smaller(n_processors(), run->n_groups + 1), n_begun = 0;
	pthread_t others[N_ANALYSIS_GROUPS];

	run->batches = batches_new(run->n_groups, n);
	while (n_begun + 1 < n &&
	       !pthread_create(&others[n_begun], NULL, work, run))
		n_begun++;
	work(run);
	for (size_t i = 0; i < n_begun; i++)
		pthread_join(others[i], NULL);
	batches_free(run->batches);
}

static struct group *group_of(struct run *run, const struct analysis *a)
{
	return &run->groups[a->group % run->n_groups];
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static void read_again(struct trace *trace, struct second *second,
		       const struct run_watch *watch)
{
	struct event ev;

	for (uint64_t n = 1; trace_next(trace, &ev) > 0; n++) {
		if (!second_event(second, &ev))
			break;
		if (watch && n % EVENTS_PER_PROGRESS == 0)
			watch->progress(RUN_AGAIN,
					larger(trace_progress(trace),
					       second_spent(second)),
					n, watch->with);
	}
}

/* If somebody asks. */
static void run_again(struct run *run, const struct run_watch *watch)
{
	struct asker askers[N_ANALYSES];
	size_t n = 0;
	struct second *second;
	struct trace *again;

	for (size_t i = 0; analyses[i]; i++) {
		struct group *g = group_of(run, analyses[i]);

		if (g->states[i])
			askers[n++] = (struct asker){ analyses[i], g->states[i],
						      &g->world };
	}
	second = second_begin(askers, n, &second_usual);
	if (!second)
		return;
	again = trace_again(run->trace);
	read_again(again, second, watch);
	trace_close(again);
	second_end(second);
}

static void run_finish(struct run *run, struct report *report, bool lists_maps)
{
	for (size_t i = 0; analyses[i]; i++) {
		struct group *g = group_of(run, analyses[i]);

		if (g->states[i] && analyses[i]->lists_maps == lists_maps)
			analyses[i]->finish(g->states[i], &g->world, report);
	}
}

static void run_end(struct run *run, struct report *report)
{
	run_finish(run, report, true);
	run_finish(run, report, false);
	for (size_t i = 0; i < run->n_groups; i++) {
		const struct order *order = run->groups[i].world.order;

		if (order)
			report_add_gaps(report, order_restarts(order));
	}
	report_end(report);
	for (size_t i = 0; i < run->n_groups; i++)
		world_release(&run->groups[i].world);
	store_free(run->groups);
}

int run_trace(struct report *report, const char *path,
	      const struct run_watch *watch, const char **why)
{
	struct run run = { .watch = watch };
	int result = trace_open(&run.trace, path, why);

	if (result < 0)
		return result;
	if (watch)
		watch->opened(trace_info(run.trace), watch->with);
	report_begin(report, trace_info(run.trace));
	run_begin(&run, report);
	run_read(&run);
	run_again(&run, watch);
	run_end(&run, report);
	trace_close(run.trace);
	return 0;
}

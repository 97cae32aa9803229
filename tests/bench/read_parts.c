/* SPDX-License-Identifier: MIT */
/*
 * read_parts TRACE: where the time goes that reading takes, on one core and
 * one thing after the other: CPU time for each event.
 *
 *	open	chunks, definitions, stacks
 *	merge	decoding, and bringing the threads into one order
 *	world	who holds what
 *	order	what is ordered after what
 *	NAME	an analysis, beside nothing else
 *
 * Together they take longer than the sum: they compete for the caches.
 */
#include "analysis.h"
#include "batches.h"
#include "bench.h"
#include "report/report_view.h"
#include "trace/trace.h"

enum { TRIES = 5 };
enum beside { NOTHING, WORLD, ORDERED_WORLD, N_BESIDES };

/* One way of reading: the least time of some tries, as whatever else runs
   only adds.  They take turns, so that a slow while does not hit one alone. */
struct way {
	enum beside beside;
	const struct analysis *analysis; /* or NULL */
	double open_ns, all_ns;
};

static struct event events[EVENTS_PER_BATCH];

static double now_ns(void)
{
	return bench_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static size_t read_some(struct trace *trace)
{
	size_t n = 0;

	while (n < EVENTS_PER_BATCH && trace_next(trace, &events[n]) > 0)
		n++;
	return n;
}

struct hearer {
	const struct analysis *analysis; /* or NULL */
	void *state;
	bool is_awake;
};

static analysis_event *event_of(const struct hearer *to, const struct event *ev)
{
	return to->is_awake
		       ? analysis_hearer(to->analysis, ev->op, ev->has_time)
		       : NULL;
}

/* As run.c does. */
static void tell(const struct event *ev, bool has_soon, struct hearer *to,
		 struct world *world)
{
	const struct event *soon = ev + ANALYSIS_SOON;
	const struct analysis *a = to->analysis;
	analysis_event *event;

	if (has_soon) {
		world_soon(world, soon);
		if (a && a->soon && event_of(to, soon))
			a->soon(to->state, soon);
	}
	if (a) {
		to->is_awake |= analysis_is_woken(a, ev->op);
		event = event_of(to, ev);
		if (event)
			event(to->state, ev, world);
	}
	world_apply(world, ev);
}

static void read_all(struct trace *trace, enum beside beside,
		     const struct analysis *a)
{
	const struct trace_info *info = trace_info(trace);
	struct arena *mem = arena_new();
	struct report *report = report_new();
	struct hearer to = { .analysis = a, .is_awake = a && !a->wakes };
	struct world world;
	size_t n;

	report_begin(report, info);
	world_init(&world, info, beside == ORDERED_WORLD);
	to.state = a ? a->begin(mem, info) : NULL;
	while ((n = read_some(trace)) > 0)
		for (size_t i = 0; i < n; i++)
			tell(&events[i], i + ANALYSIS_SOON < n, &to, &world);
	if (a)
		a->finish(to.state, &world, report);
	report_end(report);
	world_release(&world);
	report_free(report);
	arena_free(mem);
}

static double least(double a, double b)
{
	return a > 0 && a < b ? a : b; /* 0: none yet */
}

/* Returns how many events there were. */
static uint64_t try_way(const char *path, struct way *way)
{
	double start = now_ns(), opened;
	struct trace *trace;
	struct event ev;
	const char *why;
	uint64_t n;

	bench_must(trace_open(&trace, path, &why) == 0, path);
	opened = now_ns();
	if (way->beside)
		read_all(trace, way->beside, way->analysis);
	else
		while (trace_next(trace, &ev) > 0)
			;
	n = trace_info(trace)->n_events;
	trace_close(trace);
	way->open_ns = least(way->open_ns, opened - start);
	way->all_ns = least(way->all_ns, now_ns() - start);
	return n;
}

static void say(const char *what, double ns, uint64_t n_events)
{
	bench_say(what, ns / (double)n_events, "ns");
}

int main(int argc, char **argv)
{
	size_t n_ways = N_BESIDES, room = N_BESIDES;
	struct way *ways = zeroed(N_BESIDES, sizeof(*ways));
	uint64_t n = 0;

	if (argc != 2) {
		fputs("usage: read_parts TRACE\n", stderr);
		return 2;
	}
	for (size_t i = 0; i < N_BESIDES; i++)
		ways[i].beside = (enum beside)i;
	for (size_t i = 0; analyses[i]; i++) {
		ways = grow(ways, &room, n_ways, sizeof(*ways));
		ways[n_ways].analysis = analyses[i];
		ways[n_ways++].beside = analyses[i]->group == ANALYSIS_ORDERED
						? ORDERED_WORLD
						: WORLD;
	}
	for (int i = 0; i < TRIES; i++)
		for (size_t k = 0; k < n_ways; k++)
			n = try_way(argv[1], &ways[k]);

	say("open", ways[NOTHING].open_ns, n);
	say("merge", ways[NOTHING].all_ns - ways[NOTHING].open_ns, n);
	say("world", ways[WORLD].all_ns - ways[NOTHING].all_ns, n);
	say("order", ways[ORDERED_WORLD].all_ns - ways[WORLD].all_ns, n);
	for (size_t k = N_BESIDES; k < n_ways; k++)
		say(ways[k].analysis->name,
		    ways[k].all_ns - ways[ways[k].beside].all_ns, n);
	free(ways);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Loops around trylock.  A try that fails has no stamp, so a loop is known by
 * the stamps around it: so many failures between two stamps of a thread took
 * so long at most.
 */
#include <errno.h>
#include <inttypes.h>

#include "analysis.h"
#include "text.h"

#define LEAST_TRIES 8u	   /* in a row, from one place */
#define WITHIN_NS   10000u /* so many within that */

static const struct rule rules[] = {
	{
		.id = "perf-spin",
		.title = "A thread tries a lock in a loop",
		.help = "8 times and more, and in 10 us for each 8, a thread "
			"found a lock busy by a call that does not wait, at "
			"one place, and tried again. What it can miss: loops "
			"between two stamps that are far apart. What it can "
			"get wrong: a spin that was measured to be worth it. "
			"What to do: lock instead; a mutex spins a little by "
			"itself if it is made with "
			"PTHREAD_MUTEX_ADAPTIVE_NP.",
		.level = LEVEL_ADVICE,
		.unit = "count",
	},
	{ .id = NULL },
};

/* Failures since the thread's last stamp. */
struct tries {
	uint64_t n, stamp_ns;
	uint32_t object, stack, call;
};

struct spin {
	uint64_t n, ns;
	uint32_t thread, stack, call;
};

struct state {
	const struct trace_info *info;
	struct arena *mem;
	struct tries *tries; /* by thread */
	struct spin **spins; /* by object; NULL: none */
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	st->info = info;
	st->mem = mem;
	st->tries = arena_alloc(mem, info->n_threads * sizeof(*st->tries));
	st->spins = arena_alloc(mem, info->n_objects * sizeof(*st->spins));
	return st;
}

static void stamped(struct state *st, struct tries *t, uint32_t thread,
		    uint64_t now_ns)
{
	uint64_t ns = now_ns - t->stamp_ns;
	struct spin *s;

	t->stamp_ns = now_ns;
	if (t->n >= LEAST_TRIES && ns <= t->n * WITHIN_NS / LEAST_TRIES) {
		s = st->spins[t->object];
		if (!s)
			s = arena_alloc(st->mem, sizeof(*s));
		st->spins[t->object] = s;
		s->n += t->n;
		s->ns += ns;
		s->thread = thread;
		s->stack = t->stack;
		s->call = t->call;
	}
	t->n = 0;
}

static void failed(struct tries *t, const struct event *ev)
{
	if (t->object != ev->object || t->stack != ev->stack)
		t->n = 0;
	t->object = ev->object;
	t->stack = ev->stack;
	t->call = ev->call;
	t->n++;
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;
	struct tries *t = &st->tries[ev->thread];

	(void)world;
	if (ev->op == CMSHIM_OP_REQUEST_FAILED && ev->code == EBUSY &&
	    (ev->flags & CMSHIM_TRY))
		failed(t, ev);
	if (ev->has_time)
		stamped(st, t, ev->thread, ev->time_ns);
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	(void)world;
	for (uint32_t i = 1; i < st->info->n_objects; i++) {
		const struct spin *s = st->spins[i];
		struct side side;
		struct finding f;

		if (!s)
			continue;
		side = (struct side){
			.role = "tried",
			.thread = s->thread,
			.call = s->call,
			.stack = s->stack,
			.waits_for = i,
		};
		f = (struct finding){
			.rule = &rules[0],
			.level = LEVEL_ADVICE,
			.tier = TIER_OBSERVED,
			.object = i,
			.weight = s->n,
			.count = s->n,
			.message = arena_printf(
				st->mem,
				"It was found busy %s times in a row or "
				"nearly, within %s",
				text_count(s->n).text,
				text_duration(s->ns).text),
			.advice = "Lock it instead: who waits leaves the "
				  "processor to who works.",
			.sides = &side,
			.n_sides = 1,
		};
		report_add_finding(out, &f);
	}
}

const struct analysis analysis_perf_spin = {
	.name = "perf_spin",
	.help = "loops that try a lock until it is free",
	.rules = rules,
	.wants = ANALYSIS_OP(CMSHIM_OP_REQUEST_FAILED) | ANALYSIS_MADE,
	.stamps = true,
	.begin = begin,
	.event = event,
	.finish = finish,
};

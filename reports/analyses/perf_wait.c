/* SPDX-License-Identifier: MIT */
/*
 * How the waits for a lock came about: by a few holds that are much longer
 * than the rest, by handing it over from one thread to the next, or by one
 * thread being passed over.
 *
 * A lock is looked at closely from the second thread on that takes it, or the
 * first sign that one waits: a merged trace may tell of a release before it
 * tells of who waited for that.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "analysis.h"
#include "fetch.h"
#include "locks/convoys.h"
#include "locks/tally.h"
#include "locks/threadset.h"
#include "locks/wait_rules.h"
#include "text.h"

#define LEAST_HOLDS   20u	/* to speak of one in a hundred */
#define LONG_TIMES    10u	/* the median is a long hold */
#define LEAST_LONG_NS 1000000u	/* waited in those */
#define LEAST_WAITS   8u	/* to speak of a median */
#define STARVED_TIMES 100u	/* the median wait */
#define STARVED_NS    50000000u /* and so long */
#define PASSED_TIMES  50u	/* by each thread that uses the lock */
#define PASSED_NS     10000000u /* and so long */

enum { LOG2S = 64, SHOWN = 5 };

struct worst {
	uint64_t ns, since_ns, passed;
	uint32_t thread, stack;
};

/* The last hold of a lock that ended. */
struct last {
	uint32_t thread, stack; /* of who took the lock last */
	bool has_time;
	uint64_t released_ns, held_ns; /* 0: not known */
};

/* Those that threads waited for, of which it is known how long they took. */
struct known_holds {
	uint64_t waited_ns[LOG2S]; /* by the hold's length, as a power of 2 */
	struct worst longest;
};

/* What is only of locks that were waited for. */
struct waits {
	struct tally times;
	struct known_holds *holds; /* NULL: none */
	struct worst wait;
	struct worst *passed; /* NULL: by few, or for a short time */
	struct convoys convoys;
};

struct lock {
	struct threadset threads;
	struct tally holds;
	struct waits *waits; /* NULL: none */
	bool is_in_run;	     /* of its convoys */
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct lock **locks; /* by object; NULL: not looked at */
	struct last *lasts;  /* by object */
	uint64_t *asked;     /* by thread: the object's number then; 0: ? */
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	st->mem = mem;
	st->info = info;
	st->locks = arena_alloc(mem, info->n_objects * sizeof(*st->locks));
	st->lasts = arena_alloc(mem, info->n_objects * sizeof(*st->lasts));
	st->asked = arena_alloc(mem, info->n_threads * sizeof(*st->asked));
	return st;
}

static unsigned log2_of(uint64_t ns)
{
	return ns ? 63u - (unsigned)__builtin_clzll(ns) : 0;
}

/* So many others had the lock between the request and now, after whoever had
   it then.  Each takes two of its numbers. */
static uint64_t passed_by(const struct state *st, const struct event *ev)
{
	uint64_t asked = st->asked[ev->thread];

	return asked && ev->seq > asked + 2 ? (ev->seq - asked - 2) / 2 : 0;
}

static void keep_worst(struct worst *w, const struct event *ev, uint64_t ns,
		       uint64_t passed)
{
	*w = (struct worst){
		.ns = ns,
		.since_ns = ev->time_ns - ns,
		.passed = passed,
		.thread = ev->thread,
		.stack = ev->stack,
	};
}

/* The thread got the lock after who had it last. */
static void handed(const struct state *st, struct waits *w,
		   const struct event *ev, const struct last *last)
{
	uint64_t since_ns = ev->time_ns - ev->wait_ns;
	uint64_t begun_ns = last->released_ns - last->held_ns;
	struct convoys *c = &w->convoys;
	struct known_holds *h;

	if (!last->has_time || last->released_ns > ev->time_ns)
		return;
	c->run.handed_ns += ev->time_ns - last->released_ns;
	c->run.n_handed++;
	if (!last->held_ns || last->released_ns <= since_ns)
		return;
	/* The hold behind which the queue came together was not handed over
	   in the run. */
	if (c->run.n > 1) {
		c->run.held_ns += last->held_ns;
		c->run.n_held++;
	}
	if (begun_ns > since_ns)
		since_ns = begun_ns;
	if (!w->holds)
		w->holds = arena_alloc(st->mem, sizeof(*w->holds));
	h = w->holds;
	h->waited_ns[log2_of(last->held_ns)] += last->released_ns - since_ns;
	if (last->held_ns > h->longest.ns)
		h->longest = (struct worst){
			.ns = last->held_ns,
			.since_ns = begun_ns,
			.thread = last->thread,
			.stack = last->stack,
		};
}

static void waited(const struct state *st, struct lock *l,
		   const struct event *ev)
{
	uint64_t passed = passed_by(st, ev);
	struct waits *w;

	if (!l->waits)
		l->waits = arena_alloc(st->mem, sizeof(*l->waits));
	w = l->waits;
	tally_add(&w->times, ev->wait_ns, 1, st->mem);
	if (ev->wait_ns >= w->wait.ns)
		keep_worst(&w->wait, ev, ev->wait_ns, passed);
	if (passed && ev->wait_ns >= PASSED_NS) {
		if (!w->passed)
			w->passed = arena_alloc(st->mem, sizeof(*w->passed));
		if (passed > w->passed->passed)
			keep_worst(w->passed, ev, ev->wait_ns, passed);
	}
	convoys_waited(&w->convoys, passed + 1, st->mem);
	handed(st, w, ev, &st->lasts[ev->object]);
}

static struct lock *look_at(struct state *st, uint32_t object)
{
	struct lock **l = &st->locks[object];

	if (!*l)
		*l = arena_alloc(st->mem, sizeof(**l));
	return *l;
}

static void acquired(void *state, const struct event *ev,
		     const struct world *world)
{
	struct state *st = state;
	struct lock *l = st->locks[ev->object];
	struct last *last = &st->lasts[ev->object];

	(void)world;
	if (!l && last->thread && last->thread != ev->thread) {
		l = look_at(st, ev->object);
		threadset_add(&l->threads, last->thread, st->info->n_threads,
			      st->mem);
	}
	if (l) {
		threadset_add(&l->threads, ev->thread, st->info->n_threads,
			      st->mem);
		if (ev->contended && ev->has_time)
			waited(st, l, ev);
		else if (l->is_in_run)
			convoys_end_run(&l->waits->convoys);
		l->is_in_run = ev->contended && ev->has_time;
	}
	last->thread = ev->thread;
	last->stack = ev->stack;
}

static void released(void *state, const struct event *ev,
		     const struct world *world)
{
	struct state *st = state;
	struct lock *l = st->locks[ev->object];
	struct last *last = &st->lasts[ev->object];
	const struct held *h;

	if (!ev->shared && world->objects[ev->object].depth > 1)
		return;
	last->has_time = ev->has_time;
	last->released_ns = ev->time_ns;
	last->held_ns = 0;
	if (!ev->has_time)
		return;
	h = world_holds(world, ev->thread, ev->object);
	if (!h)
		return;
	/* It has a stamp because somebody waited. */
	if (!l && !h->weight)
		l = look_at(st, ev->object);
	if (!h->has_time || h->since_ns > ev->time_ns)
		return;
	last->held_ns = ev->time_ns - h->since_ns;
	if (l && h->weight)
		tally_add(&l->holds, last->held_ns, h->weight, st->mem);
}

static void soon(const void *state, const struct event *ev)
{
	const struct state *st = state;

	fetch(&st->lasts[ev->object], sizeof(*st->lasts));
	if (st->locks[ev->object])
		fetch(st->locks[ev->object], sizeof(**st->locks));
}

/* Anything else. */
static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	(void)world;
	if (ev->op != CMSHIM_OP_REQUEST && ev->op != CMSHIM_OP_REQUEST_SHARED)
		return;
	if (ev->object)
		look_at(st, ev->object);
	st->asked[ev->thread] = ev->arg;
}

/* What is said of a lock that was waited for; weight 0: nothing. */
struct verdict {
	uint64_t weight, count;
	const struct worst *worst;
	const char *role, *message, *advice;
};

static struct verdict long_hold(const struct state *st, const struct lock *l)
{
	const struct waits *w = l->waits;
	struct duration_figures holds = tally_figures(&l->holds);
	uint64_t p50 = holds.p50_ns, p99 = holds.p99_ns;
	uint64_t waited_ns = 0;

	for (unsigned i = 0; w->holds && i < LOG2S; i++)
		if (1ull << i >= LONG_TIMES * p50)
			waited_ns += w->holds->waited_ns[i];
	if (holds.n < LEAST_HOLDS || p99 < LONG_TIMES * p50 ||
	    waited_ns < LEAST_LONG_NS)
		return (struct verdict){ .weight = 0 };
	return (struct verdict){
		.weight = waited_ns,
		.count = 1,
		.worst = &w->holds->longest,
		.role = "held it for long",
		.message = arena_printf(
			st->mem,
			"Half of the holds took up to %s, one in a hundred %s "
			"or more; threads waited %s during such holds, the "
			"longest of which took %s",
			text_duration(p50).text, text_duration(p99).text,
			text_duration(waited_ns).text,
			text_duration(w->holds->longest.ns).text),
		.advice = "Find what takes long at the place shown, and do it "
			  "without the lock.",
	};
}

static struct verdict convoy(const struct state *st, const struct lock *l)
{
	const struct convoy *c = l->waits->convoys.all;
	uint64_t handed_ns, held_ns;

	if (!c)
		return (struct verdict){ .weight = 0 };
	handed_ns = c->n_handed ? c->handed_ns / c->n_handed : 0;
	held_ns = c->n_held ? c->held_ns / c->n_held : UINT64_MAX;
	if (handed_ns < held_ns || convoy_median_queue(c) < 2)
		return (struct verdict){ .weight = 0 };
	return (struct verdict){
		.weight = c->handed_ns,
		.count = c->n,
		.worst = &l->waits->wait,
		.role = "waited longest",
		.message = arena_printf(
			st->mem,
			"Up to %" PRIu64 " times in a row who took it had "
			"waited, with %u or more in the queue: handing it "
			"over took %s, holding it %s, on average",
			c->longest, convoy_median_queue(c),
			text_duration(handed_ns).text,
			text_duration(held_ns).text),
		.advice = "Take it more rarely for more work, or spin before "
			  "sleeping.",
	};
}

static struct verdict starve(const struct state *st, const struct lock *l)
{
	const struct waits *w = l->waits;
	uint64_t median_ns = tally_figures(&w->times).p50_ns;
	struct verdict v = {
		.count = 1,
		.role = "waited",
		.advice = "Leave it alone for longer between two holds, or "
			  "hand it over by a queue.",
	};

	if (w->times.n >= LEAST_WAITS && w->wait.ns >= STARVED_NS &&
	    w->wait.ns >= STARVED_TIMES * median_ns) {
		v.worst = &w->wait;
		v.message = arena_printf(
			st->mem,
			"A thread waited %s for it; half of the waits took up "
			"to %s",
			text_duration(w->wait.ns).text,
			text_duration(median_ns).text);
	} else if (w->passed &&
		   w->passed->passed >= PASSED_TIMES * l->threads.n &&
		   w->passed->ns >= PASSED_NS) {
		v.worst = w->passed;
		v.message = arena_printf(
			st->mem,
			"A thread waited %s for it, while %" PRIu32 " threads "
			"took it %s times",
			text_duration(w->passed->ns).text, l->threads.n,
			text_count(w->passed->passed).text);
	}
	v.weight = v.worst ? v.worst->ns : 0;
	return v;
}

typedef struct verdict judge(const struct state *st, const struct lock *l);

static judge *const judges[] = {
	[WAIT_LONG_HOLD] = long_hold,
	[WAIT_CONVOY] = convoy,
	[WAIT_STARVE] = starve,
};

static void add(const struct rule *rule, uint32_t object,
		const struct verdict *v, struct report *out)
{
	bool waits = rule != &wait_rules[WAIT_LONG_HOLD];
	struct side_lock held = { .object = object, .stack = v->worst->stack };
	struct side side = {
		.role = v->role,
		.thread = v->worst->thread,
		.stack = v->worst->stack,
		.waits_for = waits ? object : 0,
		.held = &held,
		.n_held = !waits,
		.has_time = true,
		.time_ns = v->worst->since_ns,
	};
	struct finding f = {
		.rule = rule,
		.level = LEVEL_ADVICE,
		.tier = TIER_OBSERVED,
		.object = object,
		.weight = v->weight,
		.count = v->count,
		.message = v->message,
		.advice = v->advice,
		.sides = &side,
		.n_sides = 1,
	};

	report_add_finding(out, &f);
}

struct candidate {
	uint64_t weight;
	uint32_t object;
};

static int by_weight(const void *one, const void *other)
{
	const struct candidate *a = one, *b = other;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return a->object < b->object ? -1 : a->object > b->object;
}

/* Of each rule the locks with the most weight: many may be alike. */
static void add_worst(const struct state *st, unsigned rule, struct report *out)
{
	struct candidate *all = NULL;
	size_t n = 0, room = 0;

	for (uint32_t i = 1; i < st->info->n_objects; i++) {
		struct candidate c = { .object = i };

		if (!st->locks[i] || !st->locks[i]->waits ||
		    st->info->objects[i].class == CMSHIM_SEMAPHORE)
			continue;
		c.weight = judges[rule](st, st->locks[i]).weight;
		if (!c.weight)
			continue;
		all = grow(all, &room, n, sizeof(*all));
		all[n++] = c;
	}
	if (n)
		qsort(all, n, sizeof(*all), by_weight);
	for (size_t i = 0; i < n && i < SHOWN; i++) {
		uint32_t object = all[i].object;
		struct verdict v = judges[rule](st, st->locks[object]);

		add(&wait_rules[rule], object, &v, out);
	}
	store_free(all);
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	(void)world;
	for (uint32_t i = 1; i < st->info->n_objects; i++)
		if (st->locks[i] && st->locks[i]->waits)
			convoys_end_run(&st->locks[i]->waits->convoys);
	for (unsigned rule = 0; rule < N_WAIT_RULES; rule++)
		add_worst(st, rule, out);
}

static const struct hearing hears[] = {
	{ ANALYSIS_ACQUIRES, acquired },
	{ ANALYSIS_RELEASES, released },
	{ .ops = 0 },
};

const struct analysis analysis_perf_wait = {
	.name = "perf_wait",
	.help = "locks held for long now and then, convoys, starved threads",
	.rules = wait_rules,
	.wants = ANALYSIS_ACQUIRES | ANALYSIS_RELEASES |
		 ANALYSIS_OP(CMSHIM_OP_REQUEST) |
		 ANALYSIS_OP(CMSHIM_OP_REQUEST_SHARED) | ANALYSIS_MADE,
	.begin = begin,
	.event = event,
	.hears = hears,
	.soon = soon,
	.finish = finish,
};

/* SPDX-License-Identifier: MIT */
/*
 * Locks that do less than they cost: a rwlock whose readers are never
 * together, a lock that another one covers.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "fetch.h"
#include "locks/threadset.h"
#include "text.h"

#define LEAST_TAKEN 1000u /* below it nothing is worth a change */
#define LEAST_HOLDS 16u	  /* for a mean */
#define SHORT_NS    200u  /* a read that a rwlock costs more than */
#define TOGETHER    0.05  /* of the readers meet another one */

enum { RW_AS_MUTEX, OVERLOCK, SHOWN = 5, LOOKED_AT = 64, OUTER = 4 };

static const struct rule rules[] = {
	[RW_AS_MUTEX] = {
		.id = "perf-rw-as-mutex",
		.title = "A rwlock is used like a mutex",
		.help = "Less than 5 % of its readers met another reader, or "
			"more than half of its acquisitions were writes, or "
			"it was held for reading for less than 200 ns on "
			"average. A rwlock costs more than a mutex, and all "
			"its readers write to one cache line. What it can get "
			"wrong: another load may have more readers at once. "
			"What to do: take a mutex.",
		.level = LEVEL_ADVICE,
		.unit = "count",
	},
	[OVERLOCK] = {
		.id = "perf-overlock",
		.title = "A lock that protects from nobody",
		.help = "All "
			"who took it held another one exclusively that keeps "
			"them apart already. What it can get wrong: other "
			"runs may take it elsewhere, and code that is not run "
			"may need it. What to do: find out whether it is "
			"needed, and take it out if it is not.",
		.level = LEVEL_ADVICE,
		.unit = "count",
	},
	{ .id = NULL },
};

/* Of a lock that was taken shared. */
struct reads {
	uint64_t n, n_together;
	uint64_t n_timed;
	uint64_t weights, weighted_ns; /* of those */
};

struct lock {
	struct threadset threads;
	uint64_t n_taken;
	struct reads *reads; /* NULL: none */
	uint32_t *outer;     /* [OUTER]: held whenever it was taken; ends with
				0; or NULL: none */
	uint32_t stack;	     /* where it was taken last */
	bool is_alone;	     /* no lock is held whenever it is taken */
	bool is_needed;	     /* for a condition */
};

struct candidate {
	const struct rule *rule;
	uint32_t object;
	uint64_t weight;
	const char *message, *advice;
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct lock *locks; /* by object */
	struct candidate *found;
	size_t n_found, room_found;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	st->mem = mem;
	st->info = info;
	st->locks = arena_alloc(mem, info->n_objects * sizeof(*st->locks));
	return st;
}

static bool has_exclusively(const struct world_thread *t, uint32_t object)
{
	for (size_t i = 0; i < t->n_held; i++)
		if (t->held[i].object == object && !t->held[i].shared)
			return true;
	return false;
}

/* What has been held at every acquisition up to this one. */
static void narrow(const struct state *st, struct lock *l, uint32_t object,
		   const struct world_thread *t)
{
	uint32_t outer[OUTER] = { 0 };
	unsigned n = 0;

	for (unsigned i = 0; l->outer && i < OUTER && l->outer[i]; i++)
		if (has_exclusively(t, l->outer[i]))
			outer[n++] = l->outer[i];
	for (size_t i = 0; !l->outer && i < t->n_held && n < OUTER; i++)
		if (t->held[i].object != object && !t->held[i].shared)
			outer[n++] = t->held[i].object;
	l->is_alone = n == 0;
	if (n && !l->outer)
		l->outer = arena_alloc(st->mem, sizeof(outer));
	if (l->outer)
		memcpy(l->outer, outer, sizeof(outer));
}

static void acquired(void *state, const struct event *ev,
		     const struct world *world)
{
	struct state *st = state;
	struct lock *l = &st->locks[ev->object];

	l->n_taken++;
	l->stack = ev->stack;
	threadset_add(&l->threads, ev->thread, st->info->n_threads, st->mem);
	if (ev->shared) {
		if (!l->reads)
			l->reads = arena_alloc(st->mem, sizeof(*l->reads));
		l->reads->n++;
		l->reads->n_together += world->objects[ev->object].n_shared > 0;
	}
	if (!l->is_alone)
		narrow(st, l, ev->object, &world->threads[ev->thread]);
}

static void released(struct state *st, const struct event *ev,
		     const struct world *world)
{
	struct lock *l = &st->locks[ev->object];
	const struct held *h;

	if (!ev->has_time || !l->reads)
		return;
	h = world_holds(world, ev->thread, ev->object);
	if (!h || !h->weight || h->since_ns > ev->time_ns)
		return;
	l->reads->n_timed++;
	l->reads->weights += h->weight;
	l->reads->weighted_ns += (ev->time_ns - h->since_ns) * h->weight;
}

static void soon(const void *state, const struct event *ev)
{
	const struct state *st = state;

	fetch(&st->locks[ev->object], sizeof(*st->locks));
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	switch (ev->op) {
	case CMSHIM_OP_RELEASE_SHARED:
		released(st, ev, world);
		break;
	case CMSHIM_OP_WAIT:
		st->locks[ev->other].is_needed = true;
		break;
	}
}

static void found(struct state *st, const struct candidate *c)
{
	st->found = grow(st->found, &st->room_found, st->n_found, sizeof(*c));
	st->found[st->n_found++] = *c;
}

/* In what way it is used like a mutex, or NULL. */
static const char *like_mutex(const struct state *st, const struct lock *l)
{
	static const struct reads none;
	const struct reads *r = l->reads ? l->reads : &none;
	uint64_t mean_ns = r->weights ? r->weighted_ns / r->weights : 0;

	if (2 * (l->n_taken - r->n) > l->n_taken)
		return arena_printf(
			st->mem, "%s of its acquisitions were for writing",
			text_share(l->n_taken - r->n, l->n_taken).text);
	if ((double)r->n_together < TOGETHER * (double)r->n)
		return arena_printf(
			st->mem, "Of %s readers %s met another reader",
			text_count(r->n).text,
			r->n_together ? text_count(r->n_together).text
				      : "none");
	if (r->n_timed >= LEAST_HOLDS && mean_ns < SHORT_NS)
		return arena_printf(
			st->mem,
			"It was held for reading for %s on average, less than "
			"what a rwlock costs",
			text_duration(mean_ns).text);
	return NULL;
}

static void judge_rwlock(struct state *st, uint32_t object)
{
	const struct lock *l = &st->locks[object];
	const char *message;

	if (l->n_taken < LEAST_TAKEN || l->threads.n < 2)
		return;
	message = like_mutex(st, l);
	if (message)
		found(st, &(struct candidate){
				  .rule = &rules[RW_AS_MUTEX],
				  .object = object,
				  .weight = l->n_taken,
				  .message = message,
				  .advice = "Take a mutex.",
			  });
}

static void judge_need(struct state *st, uint32_t object)
{
	const struct lock *l = &st->locks[object];
	struct candidate c = {
		.rule = &rules[OVERLOCK],
		.object = object,
		.weight = l->n_taken,
	};

	if (l->is_needed || l->n_taken < LEAST_TAKEN)
		return;
	if (l->threads.n > 1 && !l->is_alone) {
		c.message = arena_printf(
			st->mem,
			"Whoever took it, %s times, held one and the same "
			"other lock exclusively",
			text_count(l->n_taken).text);
		c.advice = "Find out whether it is needed beside the lock "
			   "shown.";
	}
	if (c.message)
		found(st, &c);
}

static int by_weight(const void *one, const void *other)
{
	const struct candidate *a = one, *b = other;

	if (a->rule != b->rule)
		return a->rule < b->rule ? -1 : 1;
	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return a->object < b->object ? -1 : a->object > b->object;
}

static void add(const struct state *st, const struct candidate *c, size_t alike,
		struct report *out)
{
	const struct lock *l = &st->locks[c->object];
	struct side_lock outer = { .object = l->outer ? l->outer[0] : 0 };
	bool covered = c->rule == &rules[OVERLOCK] && outer.object;
	struct side side = { .role = "took it last",
			     .thread = l->threads.last,
			     .stack = l->stack,
			     .held = &outer,
			     .n_held = covered };
	struct finding f = {
		.rule = c->rule,
		.level = LEVEL_ADVICE,
		.tier = TIER_OBSERVED,
		.object = c->object,
		.weight = c->weight,
		.count = 1,
		.message = alike > 1 ? arena_printf(st->mem,
						    "%s; so it is with %zu "
						    "others made there",
						    c->message, alike - 1)
				     : c->message,
		.advice = c->advice,
		.sides = &side,
		.n_sides = covered,
	};

	report_add_finding(out, &f);
}

/* Of locks made at one place one stands for all. */
static size_t n_alike(const struct state *st, size_t first, bool *is_first)
{
	const struct candidate *c = &st->found[first];
	uint32_t site = st->info->objects[c->object].stack;
	size_t n = 0;

	*is_first = true;
	for (size_t i = 0; i < st->n_found && site; i++) {
		if (st->found[i].rule != c->rule ||
		    st->info->objects[st->found[i].object].stack != site)
			continue;
		if (i < first)
			*is_first = false;
		n++;
	}
	return n;
}

/* The most used of each rule: a program may have thousands. */
static void add_found(const struct state *st, struct report *out)
{
	size_t shown = 0, looked_at = 0;

	if (st->n_found)
		qsort(st->found, st->n_found, sizeof(*st->found), by_weight);
	for (size_t i = 0; i < st->n_found; i++) {
		bool is_first;
		size_t alike;

		if (i && st->found[i - 1].rule != st->found[i].rule)
			shown = looked_at = 0;
		if (shown == SHOWN || looked_at++ == LOOKED_AT)
			continue;
		alike = n_alike(st, i, &is_first);
		if (is_first) {
			add(st, &st->found[i], alike, out);
			shown++;
		}
	}
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	(void)world;
	for (uint32_t i = 1; i < st->info->n_objects; i++) {
		switch (st->info->objects[i].class) {
		case CMSHIM_RWLOCK:
			judge_rwlock(st, i);
			/* fall through */
		case CMSHIM_MUTEX:
		case CMSHIM_SPINLOCK:
			judge_need(st, i);
			break;
		}
	}
	add_found(st, out);
	store_free(st->found);
}

static const struct hearing hears[] = {
	{ ANALYSIS_ACQUIRES, acquired },
	{ .ops = 0 },
};

const struct analysis analysis_perf_kind = {
	.name = "perf_kind",
	.help = "rwlocks that could be mutexes, locks that need not be",
	.rules = rules,
	.wants = ANALYSIS_ACQUIRES | ANALYSIS_OP(CMSHIM_OP_RELEASE_SHARED) |
		 ANALYSIS_OP(CMSHIM_OP_WAIT) | ANALYSIS_MADE,
	.begin = begin,
	.event = event,
	.hears = hears,
	.soon = soon,
	.finish = finish,
};

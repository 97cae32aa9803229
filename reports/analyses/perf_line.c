/* SPDX-License-Identifier: MIT */
/*
 * Locks that share a cache line but nothing else: a thread that takes one
 * takes the line from the thread that uses the other.
 *
 * When a lock was used is known to 100 ms: most acquisitions have no stamp of
 * their own, but the thread's last one is not far where much is locked.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "text.h"

#define LINE_BYTES 64u
#define BIN_NS	   100000000u
#define HOT	   1000u /* acquisitions in a bin: 10,000 a second */

enum { MAX_BINS = 1 << 16, NEIGHBOURS = 64, SHOWN = 5 };

static const struct rule rules[] = {
	{
		.id = "perf-false-sharing",
		.title = "Two busy locks lie in one cache line",
		.help = "Two locks are less than 64 bytes apart, in one cache "
			"line; both were taken 10,000 times a second and more "
			"within the same tenths of a second, one mostly by one "
			"thread, the other mostly by another. Each lock then "
			"slows the other one's thread down although nobody "
			"waits. What it can get wrong: the threads may run on "
			"one processor, or take the locks in turns. What to "
			"do: align each to 64 bytes (_Alignas(64)), with what "
			"it protects.",
		.level = LEVEL_ADVICE,
		.unit = "count",
	},
	{ .id = NULL },
};

/* A lock with another one in its line. */
struct tenant {
	uint32_t object;
	uint64_t line;
	uint64_t n, n_majority; /* taken, by the thread that may be most */
	int64_t lead;		/* of it, as votes are counted */
	uint32_t majority;
	uint32_t stack; /* of its last acquisition by that thread */
	uint64_t bin, n_in_bin;
	uint64_t *hot; /* a bit for each bin; NULL: none */
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct tenant **of;	 /* by object; NULL: it has its line alone */
	struct tenant **tenants; /* by line */
	size_t n_tenants, room_tenants;
	uint64_t *last_ns; /* by thread */
};

static bool is_lock(const struct object_info *o)
{
	return o->address &&
	       (o->class == CMSHIM_MUTEX || o->class == CMSHIM_RWLOCK ||
		o->class == CMSHIM_SPINLOCK);
}

static int by_address(const void *one, const void *other)
{
	const struct tenant *a = *(struct tenant *const *)one;
	const struct tenant *b = *(struct tenant *const *)other;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->object < b->object ? -1 : a->object > b->object;
}

/* (line, number of the object) of all locks; the lines of two and more. */
static void find_tenants(struct state *st)
{
	struct table *n_in = table_new();
	const struct trace_info *info = st->info;

	for (uint32_t i = 1; i < info->n_objects; i++)
		if (is_lock(&info->objects[i]))
			++*table_at(n_in, info->objects[i].address / LINE_BYTES,
				    0);
	for (uint32_t i = 1; i < info->n_objects; i++) {
		const struct object_info *o = &info->objects[i];
		uint64_t line = o->address / LINE_BYTES;

		if (!is_lock(o) || *table_at(n_in, line, 0) < 2)
			continue;
		st->tenants = grow(st->tenants, &st->room_tenants,
				   st->n_tenants, sizeof(struct tenant *));
		st->of[i] = arena_alloc(st->mem, sizeof(struct tenant));
		st->of[i]->object = i;
		st->of[i]->line = line;
		st->tenants[st->n_tenants++] = st->of[i];
	}
	if (st->n_tenants)
		qsort(st->tenants, st->n_tenants, sizeof(struct tenant *),
		      by_address);
	table_free(n_in);
}

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	st->mem = mem;
	st->info = info;
	st->of = arena_alloc(mem, info->n_objects * sizeof(struct tenant *));
	st->last_ns = arena_alloc(mem, info->n_threads * sizeof(*st->last_ns));
	find_tenants(st);
	return st;
}

/* The one candidate that can have more than half of the votes (Boyer and
   Moore); whether it has is decided by n_majority, a lower bound. */
static void vote(struct tenant *t, const struct event *ev)
{
	if (t->lead == 0 && t->majority != ev->thread) {
		t->majority = ev->thread;
		t->n_majority = 0;
	}
	t->lead += t->majority == ev->thread ? 1 : -1;
	t->n_majority += t->majority == ev->thread;
	if (t->majority == ev->thread)
		t->stack = ev->stack;
}

static void taken(struct state *st, struct tenant *t, const struct event *ev)
{
	uint64_t bin = st->last_ns[ev->thread] / BIN_NS % MAX_BINS;

	t->n++;
	vote(t, ev);
	if (bin != t->bin) {
		t->bin = bin;
		t->n_in_bin = 0;
	}
	if (++t->n_in_bin != HOT)
		return;
	if (!t->hot)
		t->hot = arena_alloc(st->mem, MAX_BINS / 8);
	t->hot[bin / 64] |= 1ull << bin % 64;
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	(void)world;
	if (ev->has_time)
		st->last_ns[ev->thread] = ev->time_ns;
	if ((ev->op == CMSHIM_OP_ACQUIRE ||
	     ev->op == CMSHIM_OP_ACQUIRE_SHARED) &&
	    st->of[ev->object])
		taken(st, st->of[ev->object], ev);
}

static bool are_hot_together(const struct tenant *a, const struct tenant *b)
{
	for (unsigned i = 0; i < MAX_BINS / 64; i++)
		if (a->hot[i] & b->hot[i])
			return true;
	return false;
}

static bool is_shared_falsely(const struct state *st, const struct tenant *a,
			      const struct tenant *b)
{
	return a->line == b->line && a->majority != b->majority &&
	       st->info->objects[a->object].address !=
		       st->info->objects[b->object].address &&
	       2 * a->n_majority > a->n && 2 * b->n_majority > b->n &&
	       are_hot_together(a, b);
}

static struct side side_of(const struct tenant *t, const struct side_lock *held)
{
	return (struct side){
		.role = "took it mostly",
		.thread = t->majority,
		.stack = t->stack,
		.held = held,
		.n_held = 1,
	};
}

static void add(const struct state *st, const struct tenant *a,
		const struct tenant *b, struct report *out)
{
	struct side_lock held[] = {
		{ .object = a->object, .stack = a->stack },
		{ .object = b->object, .stack = b->stack },
	};
	struct side sides[] = { side_of(a, &held[0]), side_of(b, &held[1]) };
	uint64_t from = st->info->objects[a->object].address;
	uint64_t to = st->info->objects[b->object].address;
	struct finding f = {
		.rule = &rules[0],
		.level = LEVEL_ADVICE,
		.tier = TIER_OBSERVED,
		.object = a->object,
		.weight = a->n < b->n ? a->n : b->n,
		.count = 1,
		.message = arena_printf(
			st->mem,
			"Another lock lies %u bytes away; they were taken %s "
			"and %s times, mostly by different threads",
			(unsigned)(from < to ? to - from : from - to),
			text_count(a->n).text, text_count(b->n).text),
		.advice = "Align each to 64 bytes, with what it protects.",
		.sides = sides,
		.n_sides = 2,
	};

	report_add_finding(out, &f);
}

/* Only those that were ever busy stay; returns how many. */
static size_t keep_busy(struct state *st)
{
	size_t n = 0;

	for (size_t i = 0; i < st->n_tenants; i++)
		if (st->tenants[i]->hot)
			st->tenants[n++] = st->tenants[i];
	return n;
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;
	size_t n = keep_busy(st);
	unsigned found = 0;

	(void)world;
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n && k - i < NEIGHBOURS; k++) {
			const struct tenant *a = st->tenants[i];
			const struct tenant *b = st->tenants[k];

			if (found < SHOWN && is_shared_falsely(st, a, b)) {
				add(st, a, b, out);
				found++;
			}
		}
	store_free(st->tenants);
}

const struct analysis analysis_perf_line = {
	.name = "perf_line",
	.help = "busy locks in one cache line",
	.rules = rules,
	.wants = ANALYSIS_OP(CMSHIM_OP_ACQUIRE) |
		 ANALYSIS_OP(CMSHIM_OP_ACQUIRE_SHARED) | ANALYSIS_MADE,
	.stamps = true,
	.begin = begin,
	.event = event,
	.finish = finish,
};

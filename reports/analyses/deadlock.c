/* SPDX-License-Identifier: MIT */
/*
 * Deadlocks that happened: requests that were pending when the trace ended
 * and can never be granted.  Lock orders that might deadlock are not looked
 * at here.
 *
 * A pending request proves nothing by itself: the process may have been
 * killed, or have exited, while one thread waited for another that was busy.
 * Only who waits for itself, or for a thread that waits, and so on round in a
 * circle, waits for ever.  A thread inside a condition wait, a semaphore or a
 * join has no owner to wait for and is part of no circle; neither is one
 * whose request times out, or one whose later events were lost.
 *
 * A writer waits for all readers, so one of them that cannot go on is enough.
 * Where the lock prefers writers, readers wait behind those that wait.
 *
 * A reader that waits to write is in its own way too: that is another rule's
 * (lock-upgrade).
 */
#include <errno.h>
#include <stdlib.h>

#include "analysis.h"
#include "world/kin.h"
#include "world/lockset.h"

enum { SELF, ACTUAL };

static const struct rule rules[] = {
	[SELF] = {
		.id = "dl-self",
		.title = "A thread waits for a lock that it holds itself",
		.help = "The thread asked for a lock that it already held and "
			"that is not recursive. Either it was still waiting "
			"when the trace ended, which it would have done for ever, "
			"or the library refused with EDEADLK. What it can "
			"miss: a thread that tries again and again, and locks "
			"of which events were lost; traces that stopped for "
			"want of room before the process did. What it can get "
			"wrong: a lock that another thread would have released "
			"in the holder's place. What to do: split the function "
			"in one that takes the lock and one that expects it "
			"taken, release before calling out, or make the mutex "
			"recursive.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	[ACTUAL] = {
		.id = "dl-actual",
		.title = "Threads wait for each other in a circle",
		.help = "When the trace ended each of these threads waited "
			"for a lock that the next one held, and the last one "
			"for one of the first: none of them could ever go on. "
			"What it can miss: circles through condition "
			"variables, semaphores, joins and timed waits; locks "
			"of which events were lost; traces that stopped for want of room before the "
			"process did. What it can get wrong: a lock that a "
			"thread outside the circle would have released in the "
			"holder's place. What to do: take these locks in the "
			"same order everywhere, or one of them with a try.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	{ .id = NULL },
};

/* What the world does not keep of a thread's last request. */
struct request {
	uint32_t call;
	bool is_timed;
	bool is_torn; /* events of the thread are missing after it */
};

/* A request that the library refused. */
struct refusal {
	struct side sides[2];
	size_t n_sides;
	uint32_t object;
	uint64_t count;
};

/* A thread's place in the search. */
struct visit {
	bool is_done, is_on_path;
	uint32_t from; /* thread before it on the path */
	uint32_t next; /* of the holders, to look at; 0: the owner */
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct request *requests; /* by thread */
	struct table *known; /* (object, call), stacks to refusals, plus 1 */
	struct refusal *refusals;
	size_t n, room;
	struct visit *visits; /* by thread; at the end */
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.requests = arena_alloc(mem, info->n_threads *
						     sizeof(*st->requests)),
		.known = table_new(),
	};
	return st;
}

/* Both sides of a thread in its own way. */
static size_t own_sides(struct state *st, const struct side *asks,
			uint32_t object, const struct world *world,
			struct side *sides)
{
	const struct held *h = world_holds(world, asks->thread, object);

	sides[0] = *asks;
	sides[0].held =
		locksets_now(world, asks->thread, st->mem, &sides[0].n_held);
	if (!h)
		return 1;
	sides[1] = (struct side){
		.role = "took it",
		.thread = asks->thread,
		.stack = h->stack,
		.has_time = h->has_time,
		.time_ns = h->since_ns,
		.held_unknown = true,
	};
	return 2;
}

static void refused(struct state *st, const struct event *ev,
		    const struct world *world)
{
	const struct held *h = world_holds(world, ev->thread, ev->object);
	uint64_t *index;

	if (ev->code != EDEADLK || !kin_is_lock(st->info, ev->object))
		return;

	index = table_at(st->known, (uint64_t)ev->object << 32 | ev->call,
			 (uint64_t)ev->stack << 32 | (h ? h->stack : 0));
	if (!*index) {
		struct side asks = {
			.role = "asked for it again",
			.thread = ev->thread,
			.call = ev->call,
			.stack = ev->stack,
			.has_time = ev->has_time,
			.time_ns = ev->time_ns,
		};
		struct refusal *r;

		st->refusals = grow(st->refusals, &st->room, st->n,
				    sizeof(*st->refusals));
		r = &st->refusals[st->n];
		r->object = ev->object;
		r->n_sides = own_sides(st, &asks, ev->object, world, r->sides);
		*index = ++st->n;
	}
	st->refusals[*index - 1].count++;
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	switch (ev->op) {
	case CMSHIM_OP_REQUEST:
	case CMSHIM_OP_REQUEST_SHARED:
		st->requests[ev->thread] = (struct request){
			.call = ev->call,
			.is_timed = ev->flags & (CMSHIM_TIMED | CMSHIM_TRY),
		};
		break;
	case CMSHIM_OP_REQUEST_FAILED:
		refused(st, ev, world);
		break;
	case CMSHIM_OP_DROP:
		st->requests[ev->thread].is_torn = true;
		break;
	}
}

/* The lock that a thread waits for, with nothing to end that; or 0. */
static uint32_t stuck_at(const struct state *st, const struct world *world,
			 uint32_t thread)
{
	const struct world_thread *t = &world->threads[thread];
	const struct request *r = &st->requests[thread];

	if (!t->waits_for || t->exited || r->is_timed || r->is_torn ||
	    world->objects[t->waits_for].uncertain ||
	    !kin_is_lock(st->info, t->waits_for))
		return 0;
	return t->waits_for;
}

static struct side asking_side(const struct state *st,
			       const struct world *world, uint32_t thread)
{
	const struct world_thread *t = &world->threads[thread];

	return (struct side){
		.role = "waits",
		.thread = thread,
		.call = st->requests[thread].call,
		.stack = t->wait_stack,
		.waits_for = t->waits_for,
		.has_time = true,
		.time_ns = t->waits_since_ns,
	};
}

static void add_self(uint32_t object, const struct side *sides, size_t n_sides,
		     uint64_t count, const char *message, struct report *out)
{
	report_add_finding(
		out, &(struct finding){
			     .rule = &rules[SELF],
			     .level = LEVEL_ERROR,
			     .tier = TIER_OBSERVED,
			     .object = object,
			     .weight = count,
			     .count = count,
			     .message = message,
			     .advice = "Do not take it again on this path, or "
				       "release it first.",
			     .sides = sides,
			     .n_sides = n_sides,
		     });
}

/* Returns whether the thread waits for itself. */
static bool find_self(struct state *st, const struct world *world,
		      uint32_t thread, struct report *out)
{
	const struct world_thread *t = &world->threads[thread];
	uint32_t object = stuck_at(st, world, thread);
	const struct held *h =
		object ? world_holds(world, thread, object) : NULL;
	struct side asks = asking_side(st, world, thread);
	struct side sides[2];
	size_t n;

	if (!h || (h->shared && t->waits_shared) ||
	    st->info->objects[object].kind & CMSHIM_RECURSIVE)
		return false;
	if (h->shared)
		return true;

	n = own_sides(st, &asks, object, world, sides);
	add_self(object, sides, n, 1,
		 "The thread holds this lock and waits for it", out);
	return true;
}

/* Whether `other` is in the way of `thread`, which waits for the object. */
static bool is_in_the_way(const struct state *st, const struct world *world,
			  uint32_t other, uint32_t thread, uint32_t object)
{
	const struct world_thread *t = &world->threads[other];

	if (other == thread || !stuck_at(st, world, other))
		return false;
	if (!world->threads[thread].waits_shared)
		return world_holds(world, other, object);
	return st->info->objects[object].kind & CMSHIM_PREFER_WRITER &&
	       t->waits_for == object && !t->waits_shared;
}

/* The next thread that `thread` waits for; 0: no more. */
static uint32_t next_holder(struct state *st, const struct world *world,
			    uint32_t thread)
{
	struct visit *v = &st->visits[thread];
	uint32_t object = stuck_at(st, world, thread);
	const struct world_object *o = &world->objects[object];

	if (!object)
		return 0;
	if (!v->next++ && o->owner && o->owner != thread)
		return o->owner;
	if (!o->n_shared)
		return 0;
	for (; v->next < st->info->n_threads; v->next++)
		if (is_in_the_way(st, world, v->next, thread, object))
			return v->next++;
	return 0;
}

static bool is_in(uint32_t thread, const struct side *sides, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sides[i].thread == thread)
			return true;
	return false;
}

static size_t count_others(const struct state *st, const struct world *world,
			   const struct side *sides, size_t n)
{
	size_t others = 0;

	for (uint32_t i = 1; i < st->info->n_threads; i++) {
		uint32_t object = stuck_at(st, world, i);

		if (object && !is_in(i, sides, n) &&
		    is_in(world->objects[object].owner, sides, n))
			others++;
	}
	return others;
}

/* The circle that ends at `last`, which waits for `first`. */
static void add_circle(struct state *st, const struct world *world,
		       uint32_t first, uint32_t last, struct report *out)
{
	struct finding f = {
		.rule = &rules[ACTUAL],
		.level = LEVEL_ERROR,
		.tier = TIER_OBSERVED,
		.count = 1,
		.advice = "Take these locks in the same order everywhere.",
		.is_circle = true,
	};
	uint32_t least = last;
	struct side *sides;
	size_t n = 1, others;

	for (uint32_t i = last; i != first; i = st->visits[i].from, n++)
		if (st->visits[i].from < least)
			least = st->visits[i].from;
	sides = arena_alloc(st->mem, n * sizeof(*sides));

	/* Backwards round the circle, so that each waits for the next. */
	for (uint32_t i = least, k = (uint32_t)n; k > 0; k--) {
		size_t at = k % n;

		sides[at] = asking_side(st, world, i);
		sides[at].held =
			locksets_now(world, i, st->mem, &sides[at].n_held);
		i = i == first ? last : st->visits[i].from;
	}
	others = count_others(st, world, sides, n);
	f.object = sides[0].waits_for;
	f.weight = n + others;
	f.sides = sides;
	f.n_sides = n;
	f.message = arena_printf(st->mem, "%zu threads wait for each other", n);
	if (others)
		f.message = arena_printf(
			st->mem, "%s, and %zu more for locks that they hold",
			f.message, others);
	report_add_finding(out, &f);
}

/*
 * Depth first, by hand: a trace may have more threads than the C stack has
 * room for.  Each thread is on one circle at most that is reported.
 */
static void search(struct state *st, const struct world *world, uint32_t start,
		   struct report *out)
{
	uint32_t i = start;

	st->visits[i].is_on_path = true;
	while (i) {
		struct visit *v = &st->visits[i];
		uint32_t holder = next_holder(st, world, i);
		struct visit *h = &st->visits[holder];

		if (holder && h->is_on_path)
			add_circle(st, world, holder, i, out);
		if (!holder || h->is_on_path) {
			v->is_on_path = false;
			v->is_done = true;
			i = v->from;
		} else if (!h->is_done) {
			h->is_on_path = true;
			h->from = i;
			i = holder;
		}
	}
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	for (size_t i = 0; i < st->n; i++) {
		const struct refusal *r = &st->refusals[i];

		add_self(r->object, r->sides, r->n_sides, r->count,
			 "The thread asked for a lock that it held and was "
			 "refused (EDEADLK)",
			 out);
	}
	st->visits =
		arena_alloc(st->mem, st->info->n_threads * sizeof(*st->visits));
	/* Who waits may have gone on after the last record. */
	if (st->info->header->state != CMSHIM_STOPPED) {
		for (uint32_t i = 1; i < st->info->n_threads; i++)
			st->visits[i].is_done = find_self(st, world, i, out);
		for (uint32_t i = 1; i < st->info->n_threads; i++)
			if (!st->visits[i].is_done && stuck_at(st, world, i))
				search(st, world, i, out);
	}
	table_free(st->known);
	store_free(st->refusals);
}

const struct analysis analysis_deadlock = {
	.name = "deadlock",
	.help = "threads that wait for each other, or for themselves, for ever",
	.rules = rules,
	.wants = ANALYSIS_OP(CMSHIM_OP_REQUEST) |
		 ANALYSIS_OP(CMSHIM_OP_REQUEST_SHARED) |
		 ANALYSIS_OP(CMSHIM_OP_REQUEST_FAILED) |
		 ANALYSIS_OP(CMSHIM_OP_DROP),
	.begin = begin,
	.event = event,
	.finish = finish,
};

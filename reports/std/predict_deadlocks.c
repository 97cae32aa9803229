/* SPDX-License-Identifier: MIT */
/*
 * Lock order: who asks for what while holding what, the cycles in that, and
 * which of them a sync-preserving reordering runs into.
 *
 * A cycle is looked for from the least of its abstract acquires, so that each
 * is found once.  Since what its members hold is disjoint, each lock has one
 * holder in it, and no part of it is a cycle itself.
 *
 * A reordering that reaches all of a cycle reaches every two of it.  Few pairs
 * can be reached at once, and what is known of a pair is kept: so most cycles
 * need no search of their own.
 */
#include <stdlib.h>

#include "std/predict_parts.h"
#include "store.h"

/* An abstract acquire. */
struct ask {
	uint32_t thread, lock, set;
	bool is_dead; /* can be in no cycle */
};

enum reach { REACH_NEW, REACH_YES, REACH_NO };

/* With more asks than this pairs are not kept: half a byte for each. */
enum { MAX_KEPT = 20000 };

struct deadlocks {
	const struct std_trace *trace;
	const struct heldsets *sets;
	struct closure *closure;
	struct groups groups;
	struct ask *asks; /* [group] */
	size_t room;

	/* [lock] the asks that hold it and are not dead: holders[first[lock]]
	   to holders[first[lock + 1]], in ascending order. */
	size_t *first;
	uint32_t *holders;
	uint8_t *pairs; /* enum reach, of a and b < a: [a * (a - 1) / 2 + b] */

	uint32_t path[MAX_CHOICES];
	size_t n_path;
	uint64_t n_cycles, n_reached;
	uint64_t steps; /* of the search for cycles */
	uint64_t since; /* the closure's, when it began */
	uint64_t max_steps;
};

static void collect(struct deadlocks *d, const struct std_holds *holds)
{
	enum std_op op = holds->has_requests ? STD_REQUEST : STD_ACQUIRE;

	groups_init(&d->groups, d->trace->n_events);
	for (size_t i = 0; i < d->trace->n_events; i++) {
		const struct std_event *ev = &d->trace->events[i];
		uint32_t set = holds->set[i];
		uint32_t group, n = d->groups.n;

		if (ev->op != op || set == STD_NOTHING || set == 0)
			continue;
		group = groups_put(&d->groups, ev->thread, ev->object, set, i);
		if (group < n)
			continue;
		d->asks = grow(d->asks, &d->room, n, sizeof(*d->asks));
		d->asks[group] = (struct ask){
			.thread = ev->thread,
			.lock = ev->object,
			.set = set,
		};
	}
	groups_close(&d->groups, holds->pos);
}

/*
 * Buries whoever asks for a lock that nobody holds who asks, or holds only
 * locks that nobody asks for who holds, and then whoever did so because of
 * them.  All cycles stay, so it does no harm to stop before all are found.
 */
static bool bury_some(struct deadlocks *d, uint32_t *n_asking,
		      uint32_t *n_holding)
{
	const struct heldsets *sets = d->sets;
	bool is_changed = false;

	for (uint32_t a = 0; a < d->groups.n; a++) {
		struct ask *ask = &d->asks[a];
		bool is_asked = false;

		if (ask->is_dead)
			continue;
		for (uint32_t s = ask->set; s; s = heldsets_rest(sets, s))
			is_asked |= n_asking[heldsets_largest(sets, s)] > 0;
		if (is_asked && n_holding[ask->lock] > 0)
			continue;
		ask->is_dead = true;
		is_changed = true;
		n_asking[ask->lock]--;
		for (uint32_t s = ask->set; s; s = heldsets_rest(sets, s))
			n_holding[heldsets_largest(sets, s)]--;
	}
	return is_changed;
}

static void bury(struct deadlocks *d)
{
	enum { ROUNDS = 100 };
	const struct heldsets *sets = d->sets;
	uint32_t n_locks = d->trace->n_locks;
	struct arena *mem = arena_new();
	uint32_t *n_asking = arena_alloc(mem, n_locks * sizeof(uint32_t));
	uint32_t *n_holding = arena_alloc(mem, n_locks * sizeof(uint32_t));

	for (uint32_t a = 0; a < d->groups.n; a++) {
		n_asking[d->asks[a].lock]++;
		for (uint32_t s = d->asks[a].set; s; s = heldsets_rest(sets, s))
			n_holding[heldsets_largest(sets, s)]++;
	}
	for (int i = 0; i < ROUNDS && bury_some(d, n_asking, n_holding); i++)
		;
	arena_free(mem);
}

/* Calls put() for every lock that an ask which is not dead holds. */
static void for_holders(struct deadlocks *d,
			void (*put)(struct deadlocks *d, uint32_t lock,
				    uint32_t ask))
{
	const struct heldsets *sets = d->sets;

	for (uint32_t a = 0; a < d->groups.n; a++) {
		uint32_t s = d->asks[a].is_dead ? 0 : d->asks[a].set;

		for (; s; s = heldsets_rest(sets, s))
			put(d, heldsets_largest(sets, s), a);
	}
}

static void count_holder(struct deadlocks *d, uint32_t lock, uint32_t ask)
{
	(void)ask;
	d->first[lock + 2]++;
}

/* first[lock + 1] runs from where a lock's begin to where they end. */
static void put_holder(struct deadlocks *d, uint32_t lock, uint32_t ask)
{
	d->holders[d->first[lock + 1]++] = ask;
}

static void list_holders(struct deadlocks *d)
{
	struct arena *mem = d->groups.mem;
	size_t n = (size_t)d->trace->n_locks + 2;

	d->first = arena_alloc(mem, n * sizeof(*d->first));
	for_holders(d, count_holder);
	for (size_t i = 2; i < n; i++)
		d->first[i] += d->first[i - 1];
	d->holders = arena_alloc(mem, d->first[n - 1] * sizeof(*d->holders));
	for_holders(d, put_holder);
}

static bool can_follow(const struct deadlocks *d, uint32_t a)
{
	const struct ask *ask = &d->asks[a];

	for (size_t i = 0; i < d->n_path; i++) {
		const struct ask *before = &d->asks[d->path[i]];

		if (before->thread == ask->thread ||
		    before->lock == ask->lock ||
		    !heldsets_are_disjoint(d->sets, before->set, ask->set))
			return false;
	}
	return true;
}

static bool are_reached(struct deadlocks *d, const uint32_t *asks, size_t n)
{
	struct choice choices[MAX_CHOICES];

	for (size_t i = 0; i < n; i++)
		choices[i] =
			(struct choice){ d->asks[asks[i]].thread, asks[i] };
	return closure_reaches(d->closure, &d->groups, choices, n);
}

static bool is_pair_reached(struct deadlocks *d, uint32_t a, uint32_t b)
{
	const uint32_t asks[] = { a > b ? a : b, a > b ? b : a };
	size_t place = (size_t)asks[0] * (asks[0] - 1) / 2 + asks[1];

	if (!d->pairs)
		return are_reached(d, asks, 2);
	if (d->pairs[place] == REACH_NEW)
		d->pairs[place] =
			are_reached(d, asks, 2) ? REACH_YES : REACH_NO;
	return d->pairs[place] == REACH_YES;
}

static bool is_path_reached(struct deadlocks *d)
{
	for (size_t i = 0; i < d->n_path; i++)
		for (size_t k = 0; k < i; k++)
			if (!is_pair_reached(d, d->path[i], d->path[k]))
				return false;
	return d->n_path == 2 || are_reached(d, d->path, d->n_path);
}

static bool is_out_of_steps(const struct deadlocks *d)
{
	return d->steps > d->max_steps;
}

/* The same of the closure's. */
static bool is_out_of_reach(const struct deadlocks *d)
{
	return closure_steps(d->closure) - d->since > d->max_steps;
}

/* Goes on from the path's last; no deeper than MAX_CHOICES. */
static void follow(struct deadlocks *d)
{
	uint32_t lock = d->asks[d->path[d->n_path - 1]].lock;
	uint32_t start = d->path[0];

	for (size_t i = d->first[lock]; i < d->first[lock + 1]; i++) {
		uint32_t a = d->holders[i];

		if (is_out_of_steps(d))
			return;
		d->steps++;
		if (a <= start || !can_follow(d, a))
			continue;
		d->path[d->n_path++] = a;
		if (!heldsets_has(d->sets, d->asks[start].set,
				  d->asks[a].lock)) {
			if (d->n_path < MAX_CHOICES)
				follow(d);
		} else {
			d->n_cycles++;
			d->n_reached +=
				!is_out_of_reach(d) && is_path_reached(d);
		}
		d->n_path--;
	}
}

static void search(struct deadlocks *d)
{
	size_t n = d->groups.n, n_pairs = n * (n - 1) / 2;

	if (n > 0 && n <= MAX_KEPT)
		d->pairs = calloc(n_pairs + 1, sizeof(*d->pairs));
	for (uint32_t a = 0; a < n; a++)
		if (!d->asks[a].is_dead) {
			d->path[0] = a;
			d->n_path = 1;
			follow(d);
		}
	free(d->pairs);
}

void predict_deadlocks(struct engine *engine, struct prediction *out)
{
	struct deadlocks d = {
		.trace = engine->trace,
		.sets = &engine->holds.sets,
		.closure = engine->closure,
		.since = closure_steps(engine->closure),
		.max_steps = engine->max_steps,
	};

	collect(&d, &engine->holds);
	bury(&d);
	list_holders(&d);
	search(&d);
	if (is_out_of_steps(&d))
		d.n_cycles = d.n_reached = PREDICT_UNKNOWN;
	else if (is_out_of_reach(&d))
		d.n_reached = PREDICT_UNKNOWN;
	out->abstract_deadlocks = d.n_cycles;
	out->sync_preserving_deadlocks = d.n_reached;
	groups_release(&d.groups);
	store_free(d.asks);
}

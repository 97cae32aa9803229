/* SPDX-License-Identifier: MIT */
/*
 * Variables with a sync-preserving race.
 *
 * The question is asked of two groups of accesses, all those of one thread and
 * kind, and answered by one search (closure.h).  A search may be long, so it is
 * made only if the answer may be yes: if two of their accesses hold no lock in
 * common, and the closure without its rule for locks, which clocks tell, does
 * not order them.
 */
#include <stdlib.h>

#include "std/clocks.h"
#include "std/predict_parts.h"
#include "store.h"

/* Accesses of one group under the same locks; 0: none. */
struct alike {
	uint32_t set;
	uint32_t last; /* the place of the last one so far */
	uint32_t newer, older;
};

enum pair { PAIR_NEW, PAIR_OPEN, PAIR_CLOSED };

struct races {
	const struct std_trace *trace;
	const struct std_holds *holds;
	struct heldsets *sets;
	struct closure *closure;
	struct clocks *clocks; /* program order, fork, join, what reads saw */
	struct stamp *vars;    /* the last write */
	bool *is_settled;      /* [variable] */
	const struct accesses *accesses;
	uint32_t *common; /* [group] locks that all its accesses hold */
	uint32_t *newest; /* [group] of its alike; they are in order */
	struct alike *alike;
	size_t n_alike, room;
	struct table *places; /* (group, set) -> alike */
	struct table *pairs;  /* of groups: enum pair */
	uint64_t steps, max_steps, n_racy;
};

static void find_common(struct races *races, struct arena *mem)
{
	const struct std_trace *trace = races->trace;
	bool *is_known = arena_alloc(mem, races->accesses->groups.n);

	for (size_t i = 0; i < trace->n_events; i++) {
		uint32_t group = races->accesses->groups.of[i];
		uint32_t set = races->holds->set[i];

		if (group == NO_GROUP)
			continue;
		if (is_known[group])
			set = heldsets_common(races->sets, races->common[group],
					      set);
		is_known[group] = true;
		races->common[group] = set;
	}
}

/* No two threads are at the variable without a lock that is common to all. */
static bool is_safe(struct races *races, uint32_t var)
{
	const struct access *all = races->accesses->all;
	uint32_t g = races->accesses->first[var].group;
	uint32_t common, thread;
	bool is_shared = false;

	if (races->accesses->first[var].last_write == NO_GROUP)
		return true;
	common = races->common[g];
	thread = all[g].thread;
	for (; g != NO_GROUP; g = all[g].next) {
		common = heldsets_common(races->sets, common, races->common[g]);
		is_shared |= all[g].thread != thread;
	}
	return common != 0 || !is_shared;
}

static void unlink_alike(struct races *races, uint32_t group, uint32_t place)
{
	const struct alike *a = &races->alike[place];

	if (a->newer)
		races->alike[a->newer].older = a->older;
	else
		races->newest[group] = a->older;
	if (a->older)
		races->alike[a->older].newer = a->newer;
}

static void remember(struct races *races, uint32_t group, size_t i)
{
	uint32_t set = races->holds->set[i];
	uint64_t *place = table_at(races->places, group, set);
	uint32_t older;

	if (*place) {
		unlink_alike(races, group, (uint32_t)*place);
	} else {
		*place = ++races->n_alike;
		races->alike = grow(races->alike, &races->room, races->n_alike,
				    sizeof(*races->alike));
	}
	older = races->newest[group];
	races->alike[*place] = (struct alike){
		.set = set,
		.last = races->holds->pos[i],
		.older = older,
	};
	races->newest[group] = (uint32_t)*place;
	if (older)
		races->alike[older].newer = races->newest[group];
}

/* Whether an access in the group so far is not ordered before this one. */
static bool may_race(struct races *races, uint32_t group, uint32_t known,
		     uint32_t set)
{
	const struct alike *all = races->alike;

	for (uint32_t a = races->newest[group]; a && all[a].last > known;
	     a = all[a].older) {
		races->steps++;
		if (heldsets_are_disjoint(races->sets, all[a].set, set))
			return true;
	}
	return false;
}

static enum pair look_at(struct races *races, uint32_t a, uint32_t b)
{
	return heldsets_are_disjoint(races->sets, races->common[a],
				     races->common[b])
		       ? PAIR_OPEN
		       : PAIR_CLOSED;
}

static bool asks(struct races *races, uint32_t own, uint32_t other,
		 uint32_t known, size_t i)
{
	uint32_t newest = races->newest[other];
	uint64_t *pair;

	races->steps++;
	if (!newest || races->alike[newest].last <= known)
		return false;
	pair = table_at(races->pairs, own < other ? own : other,
			own < other ? other : own);
	if (*pair == PAIR_NEW)
		*pair = look_at(races, own, other);
	if (*pair == PAIR_CLOSED ||
	    !may_race(races, other, known, races->holds->set[i]))
		return false;
	*pair = PAIR_CLOSED;
	return true;
}

static void access(struct races *races, const struct std_event *ev, size_t i)
{
	const struct accesses *accesses = races->accesses;
	uint32_t own = accesses->groups.of[i];

	for (uint32_t g = accesses_first(accesses, ev->object, own);
	     g != NO_GROUP && !races->is_settled[ev->object];
	     g = accesses_next(accesses, g, own)) {
		uint32_t thread = accesses->all[g].thread;
		const struct choice choices[] = {
			{ ev->thread, own },
			{ thread, g },
		};

		if (asks(races, own, g,
			 clocks_known(races->clocks, ev->thread, thread), i) &&
		    closure_reaches(races->closure, &accesses->groups, choices,
				    2)) {
			races->is_settled[ev->object] = true;
			races->n_racy++;
		}
	}
	if (!races->is_settled[ev->object])
		remember(races, own, i);
}

static void apply(struct races *races, const struct std_event *ev, size_t i)
{
	clocks_tick(races->clocks, ev->thread, races->holds->pos[i]);
	switch (ev->op) {
	case STD_READ:
		/* Whoever races with a read need not let it have its value. */
		access(races, ev, i);
		clocks_join(races->clocks, ev->thread,
			    &races->vars[ev->object]);
		break;
	case STD_WRITE:
		access(races, ev, i);
		clocks_stamp(races->clocks, ev->thread,
			     &races->vars[ev->object]);
		break;
	case STD_FORK:
		clocks_order(races->clocks, ev->thread, ev->object);
		break;
	case STD_JOIN:
		clocks_order(races->clocks, ev->object, ev->thread);
		break;
	}
}

static void scan(struct races *races, struct prediction *out)
{
	const struct std_trace *trace = races->trace;
	uint64_t since = closure_steps(races->closure);

	for (size_t i = 0; i < trace->n_events; i++) {
		uint64_t searched = closure_steps(races->closure) - since;

		if (races->steps + searched > races->max_steps) {
			out->sync_preserving_racy_vars = PREDICT_UNKNOWN;
			return;
		}
		apply(races, &trace->events[i], i);
	}
	out->sync_preserving_racy_vars = races->n_racy;
}

void predict_races(struct engine *engine, struct prediction *out)
{
	struct arena *mem = arena_new();
	const struct std_trace *trace = engine->trace;
	uint32_t n_groups = engine->accesses.groups.n;
	struct races races = {
		.trace = trace,
		.holds = &engine->holds,
		.sets = &engine->holds.sets,
		.accesses = &engine->accesses,
		.closure = engine->closure,
		.clocks = clocks_new(trace->n_threads),
		.vars = arena_alloc(mem, trace->n_vars * sizeof(*races.vars)),
		.is_settled = arena_alloc(mem, trace->n_vars),
		.common = arena_alloc(mem, n_groups * sizeof(*races.common)),
		.newest = arena_alloc(mem, n_groups * sizeof(*races.newest)),
		.max_steps = engine->max_steps,
		.places = table_new(),
		.pairs = table_new(),
	};

	find_common(&races, mem);
	for (uint32_t var = 0; var < trace->n_vars; var++)
		races.is_settled[var] = is_safe(&races, var);
	scan(&races, out);

	for (uint32_t var = 0; var < trace->n_vars; var++)
		clocks_forget(&races.vars[var]);
	clocks_free(races.clocks);
	table_free(races.places);
	table_free(races.pairs);
	store_free(races.alike);
	arena_free(mem);
}

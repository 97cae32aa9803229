/* SPDX-License-Identifier: MIT */
/* See race_reach.h. */
#include "reorder/race_reach.h"

#include <inttypes.h>
#include <stdlib.h>

#include "ledger.h"
#include "maps/races.h"
#include "reorder/plan.h"
#include "world/kin.h"

/* So many calls of one map are told apart, and so many maps are watched. */
enum { MAX_WAYS = 64, MAX_MAPS = 1024 };

/* A call that is told apart. */
struct way {
	struct site site; /* of the first time; its lockset is not known */
	bool is_write;
	const struct side_lock *held;
	size_t n_held;
	uint32_t next; /* of the map; 0: no more */
};

struct watched {
	uint32_t object;
	uint32_t first, n_ways; /* of ways[] */
};

/* What was found of maps made at one place. */
struct reached {
	uint32_t object; /* the example; 0: nothing yet */
	uint32_t ways[2];
	struct reorder_place places[2];
	uint64_t n_maps; /* watched */
};

struct race_reach {
	const struct trace_info *info;
	struct arena *mem;
	struct ledger maps;   /* struct watched, by object */
	struct ledger groups; /* struct reached, by kin */
	struct way *ways;     /* from 1 */
	size_t n_ways, room_ways;
	struct table *numbers; /* (map, stack), what it is: to a way */
	bool gave_up;
};

struct race_reach *race_reach_new(const struct trace_info *info,
				  struct arena *mem)
{
	struct race_reach *reach = zeroed(1, sizeof(*reach));

	*reach = (struct race_reach){
		.info = info,
		.mem = mem,
		.maps = ledger_of(sizeof(struct watched)),
		.groups = ledger_of(sizeof(struct reached)),
		.numbers = table_new(),
		.n_ways = 1,
	};
	reach->ways = grow(NULL, &reach->room_ways, 0, sizeof(*reach->ways));
	return reach;
}

void race_reach_free(struct race_reach *reach)
{
	ledger_release(&reach->maps);
	ledger_release(&reach->groups);
	table_free(reach->numbers);
	store_free(reach->ways);
	store_free(reach);
}

static struct reached *group_of(struct race_reach *reach, uint32_t map)
{
	bool is_new;

	return ledger_at(&reach->groups, kin_of(reach->info, map), 0, &is_new);
}

void race_reach_watch(struct race_reach *reach, uint32_t map)
{
	bool is_new;
	struct watched *w;

	if (reach->maps.n >= MAX_MAPS) {
		reach->gave_up = true;
		return;
	}
	w = ledger_at(&reach->maps, map, 0, &is_new);
	w->object = map;
	group_of(reach, map)->n_maps++;
}

void race_reach_gave_up(struct race_reach *reach)
{
	reach->gave_up = true;
}

static bool is_access(const struct event *ev, bool *is_write)
{
	switch (ev->op) {
	case CMSHIM_OP_MAP_READ:
	case CMSHIM_OP_MAP_NEXT:
		*is_write = false;
		return true;
	case CMSHIM_OP_MAP_WRITE:
	case CMSHIM_OP_MAP_FREE:
		*is_write = true;
		return true;
	case CMSHIM_OP_MAP_ENTER:
		*is_write = ev->flags & CMSHIM_WRITE;
		return true;
	default:
		return false;
	}
}

/* The same in whatever order the locks were taken. */
static uint64_t hash_of(const struct reorder_hold *holds, size_t n)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t word =
			(uint64_t)holds[i].object << 1 | holds[i].shared;

		word = (word + 1) * 0x9e3779b97f4a7c15u;
		hash += (word ^ word >> 29) * 0xff51afd7ed558ccdu;
	}
	return hash;
}

static uint32_t add_way(struct race_reach *reach, struct watched *w,
			const struct event *ev, bool is_write,
			const struct reorder_hold *holds, size_t n)
{
	struct side_lock *held = arena_alloc(reach->mem, n * sizeof(*held) + 1);

	for (size_t i = 0; i < n; i++)
		held[i] = (struct side_lock){
			.object = holds[i].object,
			.stack = holds[i].stack,
			.shared = holds[i].shared,
		};
	reach->ways = grow(reach->ways, &reach->room_ways, reach->n_ways,
			   sizeof(*reach->ways));
	reach->ways[reach->n_ways] = (struct way){
		.site = { .thread = ev->thread,
			  .call = ev->call,
			  .stack = ev->stack },
		.is_write = is_write,
		.held = held,
		.n_held = n,
		.next = w->first,
	};
	w->first = (uint32_t)reach->n_ways;
	w->n_ways++;
	return (uint32_t)reach->n_ways++;
}

void race_reach_event(struct race_reach *reach, const struct event *ev,
		      struct reorder *r)
{
	const struct reorder_hold *holds;
	struct watched *w;
	uint64_t *number;
	bool is_write;
	size_t n;

	if (!is_access(ev, &is_write))
		return;
	w = ledger_find(&reach->maps, ev->object, 0);
	if (!w)
		return;
	holds = reorder_holds(r, ev->thread, &n);
	number =
		table_at(reach->numbers, (uint64_t)ev->object << 32 | ev->stack,
			 hash_of(holds, n) << 1 | is_write);
	if (!*number && w->n_ways < MAX_WAYS)
		*number = add_way(reach, w, ev, is_write, holds, n);
	if (*number)
		reorder_put(r, REORDER_MAPS + (uint32_t)*number, ev->thread);
}

/* Whether the locks that both hold keep them apart: they need no search. */
static bool exclude(const struct way *a, const struct way *b)
{
	for (size_t i = 0; i < a->n_held; i++)
		for (size_t k = 0; k < b->n_held; k++)
			if (a->held[i].object == b->held[k].object &&
			    !(a->held[i].shared && b->held[k].shared))
				return true;
	return false;
}

static bool is_reached(struct race_reach *reach, const struct watched *w,
		       uint32_t a, uint32_t b, struct reorder *r)
{
	const struct way *x = &reach->ways[a], *y = &reach->ways[b];
	struct reorder_place places[2] = {
		{ .key = REORDER_MAPS + a },
		{ .key = REORDER_MAPS + b },
	};
	struct reached *found;

	if (!(x->is_write || y->is_write) || exclude(x, y) ||
	    !reorder_reaches(r, places, 2, false))
		return false;
	found = group_of(reach, w->object);
	found->object = w->object;
	for (size_t i = 0; i < 2; i++) {
		found->places[i] = places[i];
		found->ways[i] = i ? b : a;
	}
	return true;
}

static bool is_settled(struct race_reach *reach, const struct watched *w,
		       struct reorder *r)
{
	if (group_of(reach, w->object)->object)
		return true;
	for (uint32_t a = w->first; a; a = reach->ways[a].next)
		for (uint32_t b = a; b; b = reach->ways[b].next)
			if (is_reached(reach, w, a, b, r))
				return true;
	return false;
}

bool race_reach_ask(struct race_reach *reach, struct reorder *r)
{
	bool is_any = false;

	for (size_t i = 0; i < reach->maps.n; i++)
		is_any |= !is_settled(reach, ledger_get(&reach->maps, i), r);
	return is_any;
}

static const char *message_of(const struct race_reach *reach,
			      const struct reached *found, const char *doubt)
{
	const char *text =
		"Another order of this run brings these two calls together: "
		"the locks that kept them apart are not held at both. It "
		"cannot be where data that was not recorded orders them, as "
		"when the map is handed over";

	if (found->n_maps > 1)
		text = arena_printf(reach->mem,
				    "%s; %" PRIu64
				    " maps made there are used so",
				    text, found->n_maps);
	if (doubt)
		text = arena_printf(reach->mem, "%s (or not: %s)", text, doubt);
	return text;
}

static void report_group(const struct race_reach *reach,
			 const struct reached *found, const char *doubt,
			 struct report *out)
{
	struct side sides[2];

	for (size_t i = 0; i < 2; i++) {
		const struct way *way = &reach->ways[found->ways[i]];

		sides[i] = (struct side){
			.role = site_role(&way->site, way->is_write,
					  reach->info),
			.thread = found->places[i].thread,
			.call = way->site.call,
			.stack = way->site.stack,
			.held = way->held,
			.n_held = way->n_held,
		};
	}
	report_add_finding(
		out, &(struct finding){
			     .rule = &race_rules[RACE_REORDERED],
			     .level = LEVEL_NOTE,
			     .tier = TIER_PREDICTED,
			     .object = found->object,
			     .weight = found->n_maps,
			     .count = found->n_maps,
			     .message = message_of(reach, found, doubt),
			     .advice = "See first whether it happens; if so, "
				       "hold one lock at both calls.",
			     .reproduce = plan_text(reach->mem, reach->info,
						    found->places, 2),
			     .sides = sides,
			     .n_sides = 2,
		     });
}

/* What was not looked at is said. */
static void report_limit(struct report *out)
{
	report_add_finding(
		out,
		&(struct finding){
			.rule = &race_rules[RACE_REORDERED],
			.level = LEVEL_NOTE,
			.tier = TIER_PREDICTED,
			.weight = 1,
			.count = 1,
			.message =
				"The trace is too long to be searched as a "
				"whole for orders in which calls on one map "
				"come together: some may not have been found",
		});
}

void race_reach_report(struct race_reach *reach, const char *doubt,
		       struct report *out)
{
	for (size_t i = 0; i < reach->groups.n; i++) {
		const struct reached *found = ledger_get(&reach->groups, i);

		if (found->object)
			report_group(reach, found, doubt, out);
	}
	if (reach->gave_up)
		report_limit(out);
}

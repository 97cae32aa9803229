/* SPDX-License-Identifier: MIT */
/*
 * The lives of maps: calls after the end, and maps that never end although
 * others made at the same place do.
 *
 * The end takes a number among the map's writes, so what came after it is
 * known whatever the order in which threads are told.  (A call in progress at
 * the end is an overlap; that nothing orders the two needs clocks.)
 */
#include <inttypes.h>
#include <stdlib.h>

#include "analysis.h"
#include "lockset.h"
#include "writes.h"

#define LEAST_LEFT 10u /* so many of one place are no accident */

static const struct rule rules[] = {
	{
		.id = "map-use-after-destroy",
		.title = "A map was used after it had been destroyed",
		.help = "A call was made on a map after the call that "
			"destroyed it, and no other map had been made in its "
			"place. What it can miss: maps that end without a "
			"call that says so, such as the last reference to a "
			"GHashTable. What it can get wrong: a map made in the "
			"same place by code that is not recorded. What to do: "
			"destroy the map after its last user is done.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	{
		.id = "map-leak",
		.title = "Maps were left over",
		.help = "Of the maps made at one place some were destroyed "
			"and ten or more were still there when the process "
			"ended. What it can get wrong: they may be meant to "
			"stay. What it can miss: places of which no map was "
			"ever seen to end. What to do: destroy them where the"
			" others are.",
		.level = LEVEL_NOTE,
		.unit = "count",
	},
	{ .id = NULL },
};

struct end {
	struct site site;
	uint64_t seq;
};

struct misuse {
	uint32_t map;
	struct site end, use;
	uint64_t n;
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct locksets *locksets;
	struct table *end_of; /* object to index in ends */
	struct end *ends;     /* from 1 */
	size_t n_ends, room_ends;
	struct table *misuse_of;
	struct misuse *misuses; /* from 1 */
	size_t n_misuses, room_misuses;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.locksets = locksets_new(info->n_threads),
		.end_of = table_new(),
		.misuse_of = table_new(),
		.n_ends = 1,
		.n_misuses = 1,
	};
	st->ends = grow(NULL, &st->room_ends, 0, sizeof(*st->ends));
	st->misuses = grow(NULL, &st->room_misuses, 0, sizeof(*st->misuses));
	return st;
}

static struct site site_of(struct state *st, const struct event *ev,
			   const struct world *world)
{
	return (struct site){
		.thread = ev->thread,
		.call = ev->call,
		.stack = ev->stack,
		.lockset = locksets_number(st->locksets, world, ev->thread),
	};
}

static void add_end(struct state *st, const struct event *ev,
		    const struct world *world)
{
	uint64_t *number = table_at(st->end_of, ev->object, 0);

	if (*number)
		return;
	st->ends =
		grow(st->ends, &st->room_ends, st->n_ends, sizeof(*st->ends));
	st->ends[st->n_ends] =
		(struct end){ .site = site_of(st, ev, world), .seq = ev->seq };
	*number = st->n_ends++;
}

static void add_misuse(struct state *st, const struct event *ev,
		       const struct world *world, const struct end *end)
{
	const struct object_info *o = &st->info->objects[ev->object];
	uint64_t *number = table_at(
		st->misuse_of, o->stack ? o->stack : (uint64_t)ev->object << 32,
		(uint64_t)end->site.stack << 32 | ev->stack);

	if (!*number) {
		st->misuses = grow(st->misuses, &st->room_misuses,
				   st->n_misuses, sizeof(*st->misuses));
		st->misuses[st->n_misuses] = (struct misuse){
			.map = ev->object,
			.end = end->site,
			.use = site_of(st, ev, world),
		};
		*number = st->n_misuses++;
	}
	st->misuses[*number].n++;
}

static void used(struct state *st, const struct event *ev,
		 const struct world *world)
{
	const uint64_t *number;

	if (st->n_ends == 1)
		return;
	number = table_find(st->end_of, ev->object, 0);
	if (number && *number && ev->seq >= st->ends[*number].seq)
		add_misuse(st, ev, world, &st->ends[*number]);
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	switch (ev->op) {
	case CMSHIM_OP_MAP_FREE:
		add_end(st, ev, world);
		break;
	case CMSHIM_OP_MAP_READ:
	case CMSHIM_OP_MAP_WRITE:
	case CMSHIM_OP_MAP_NEXT:
	case CMSHIM_OP_MAP_ENTER:
		used(st, ev, world);
		break;
	}
}

static void report_misuse(const struct state *st, const struct misuse *m,
			  struct report *out)
{
	struct side sides[] = {
		{ .role = "destroyed",
		  .thread = m->end.thread,
		  .call = m->end.call,
		  .stack = m->end.stack },
		{ .role = "used it later",
		  .thread = m->use.thread,
		  .call = m->use.call,
		  .stack = m->use.stack },
	};

	sides[0].held = locksets_list(st->locksets, m->end.lockset, st->mem,
				      &sides[0].n_held);
	sides[1].held = locksets_list(st->locksets, m->use.lockset, st->mem,
				      &sides[1].n_held);
	report_add_finding(
		out,
		&(struct finding){
			.rule = &rules[0],
			.level = LEVEL_ERROR,
			.tier = TIER_OBSERVED,
			.object = m->map,
			.weight = m->n,
			.count = m->n,
			.message = "A call was made on a map after its end",
			.advice = "Destroy the map after its last user is "
				  "done.",
			.sides = sides,
			.n_sides = 2,
		});
}

/* The maps made at one place. */
struct place {
	uint32_t left; /* one of them that is */
	uint64_t n_left, n_ended;
};

/* A map whose address is another one's by now has ended, seen or not. */
static bool has_ended(const struct state *st, struct table *later, uint32_t map)
{
	const struct object_info *o = &st->info->objects[map];
	uint64_t *generation = table_at(later, o->address, 0);
	bool is_taken = *generation > o->generation;

	if (o->generation + 1 > *generation)
		*generation = (uint64_t)o->generation + 1;
	return is_taken || table_find(st->end_of, map, 0);
}

static void report_left(const struct state *st, const struct place *p,
			struct report *out)
{
	struct side made = {
		.role = "made",
		.stack = st->info->objects[p->left].stack,
	};

	report_add_finding(
		out,
		&(struct finding){
			.rule = &rules[1],
			.level = LEVEL_NOTE,
			.tier = TIER_OBSERVED,
			.object = p->left,
			.weight = p->n_left,
			.message = arena_printf(
				st->mem,
				"Of the maps made here %" PRIu64 " were left "
				"at the end; %" PRIu64 " were destroyed",
				p->n_left, p->n_ended),
			.advice = "Destroy them where the others are.",
			.sides = &made,
			.n_sides = 1,
		});
}

static void find_left(struct state *st, struct report *out)
{
	struct table *place_of = table_new(), *later = table_new();
	struct place *places = NULL;
	size_t n = 0, room = 0;

	/* Later generations have higher numbers. */
	for (size_t i = st->info->n_objects; i-- > 1;) {
		const struct object_info *o = &st->info->objects[i];
		uint64_t *number;

		if (o->class != CMSHIM_MAP || !o->stack ||
		    !(o->kind & CMSHIM_SEEN_INIT))
			continue;
		number = table_at(place_of, o->stack, 0);
		if (!*number) {
			places = grow(places, &room, n, sizeof(*places));
			places[n] = (struct place){ .n_left = 0 };
			*number = ++n;
		}
		if (has_ended(st, later, (uint32_t)i)) {
			places[*number - 1].n_ended++;
		} else {
			places[*number - 1].n_left++;
			places[*number - 1].left = (uint32_t)i;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (places[i].n_ended && places[i].n_left >= LEAST_LEFT)
			report_left(st, &places[i], out);
	free(places);
	table_free(place_of);
	table_free(later);
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	(void)world;
	for (size_t i = 1; i < st->n_misuses; i++)
		report_misuse(st, &st->misuses[i], out);
	if (st->info->header->state == CMSHIM_EXITED && st->n_ends > 1)
		find_left(st, out);
	free(st->ends);
	free(st->misuses);
	table_free(st->end_of);
	table_free(st->misuse_of);
	locksets_free(st->locksets);
}

const struct analysis analysis_map_life = {
	.name = "map_life",
	.help = "maps used after their end, and maps left over",
	.rules = rules,
	.wants = ANALYSIS_MAP_CALLS | ANALYSIS_MADE,
	.begin = begin,
	.event = event,
	.finish = finish,
};

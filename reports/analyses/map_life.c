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

#include "analysis.h"
#include "ledger.h"
#include "world/kin.h"
#include "world/site.h"

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
	struct ledger ends; /* by object */
	struct ledger misuses;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.ends = ledger_of(sizeof(struct end)),
		.misuses = ledger_of(sizeof(struct misuse)),
	};
	return st;
}

static void add_end(struct state *st, const struct event *ev,
		    const struct world *world)
{
	bool is_new;
	struct end *end = ledger_at(&st->ends, ev->object, 0, &is_new);

	if (is_new)
		*end = (struct end){ .site = site_of(ev, world),
				     .seq = ev->seq };
}

static void add_misuse(struct state *st, const struct event *ev,
		       const struct world *world, const struct end *end)
{
	bool is_new;
	struct misuse *m =
		ledger_at(&st->misuses, kin_by_place(st->info, ev->object),
			  (uint64_t)end->site.stack << 32 | ev->stack, &is_new);

	if (is_new)
		*m = (struct misuse){
			.map = ev->object,
			.end = end->site,
			.use = site_of(ev, world),
		};
	m->n++;
}

static void used(struct state *st, const struct event *ev,
		 const struct world *world)
{
	const struct end *end =
		st->ends.n ? ledger_find(&st->ends, ev->object, 0) : NULL;

	if (end && ev->seq >= end->seq)
		add_misuse(st, ev, world, end);
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

static void report_misuse(const struct misuse *m, const struct world *world,
			  struct arena *mem, struct report *out)
{
	struct side sides[] = {
		site_side(&m->end, "destroyed", world, mem),
		site_side(&m->use, "used it later", world, mem),
	};

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
	return is_taken || ledger_find(&st->ends, map, 0);
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
	struct ledger places = ledger_of(sizeof(struct place));
	struct table *later = table_new();

	/* Later generations have higher numbers. */
	for (size_t i = st->info->n_objects; i-- > 1;) {
		const struct object_info *o = &st->info->objects[i];
		struct place *p;
		bool is_new;

		if (o->class != CMSHIM_MAP || !o->stack ||
		    !(o->kind & CMSHIM_SEEN_INIT))
			continue;
		p = ledger_at(&places, o->stack, 0, &is_new);
		if (has_ended(st, later, (uint32_t)i)) {
			p->n_ended++;
		} else {
			p->n_left++;
			p->left = (uint32_t)i;
		}
	}
	for (size_t i = 0; i < places.n; i++) {
		const struct place *p = ledger_get(&places, i);

		if (p->n_ended && p->n_left >= LEAST_LEFT)
			report_left(st, p, out);
	}
	ledger_release(&places);
	table_free(later);
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	for (size_t i = 0; i < st->misuses.n; i++)
		report_misuse(ledger_get(&st->misuses, i), world, st->mem, out);
	if (st->info->header->state == CMSHIM_EXITED && st->ends.n)
		find_left(st, out);
	ledger_release(&st->ends);
	ledger_release(&st->misuses);
}

const struct analysis analysis_map_life = {
	.name = "map_life",
	.help = "maps used after their end, and maps left over",
	.rules = rules,
	.wants = ANALYSIS_MAP_CALLS | ANALYSIS_MADE,
	.wakes = ANALYSIS_OP(CMSHIM_OP_MAP_FREE),
	.begin = begin,
	.event = event,
	.finish = finish,
};

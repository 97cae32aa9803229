/* SPDX-License-Identifier: MIT */
/*
 * Groups of overlaps and what is said about them.
 */
#include "maps/overlaps.h"

#include <inttypes.h>
#include <stdlib.h>

#include "ledger.h"
#include "world/lockset.h"

static const char help[] =
	"Two calls on the same map, at least one of them a write, were in "
	"progress at the same time in two threads. It is proved by the order "
	"in which calls entered and left the map, not by clocks or by what is"
	" known about locks: whatever keeps the threads apart elsewhere did "
	"not do so here. A map that its callers must lock can lose entries, "
	"loop or crash. What it can miss: calls that did not meet in this "
	"run, short ones above all; accesses that are not calls, such as "
	"inlined lookups. A call that met another of which there is no record"
	" is counted in the message and reported only beside a proven one. "
	"What it can get wrong: a map that is safe to use from several "
	"threads by itself but is recorded as one that its callers lock; a "
	"callback during which the library lets go of a lock of its own. "
	"Where several writes may have been the other side, the message says "
	"so and all of them are shown. What to do: hold one lock, exclusively"
	" for writes, around every call on the map.";

const struct rule overlap_rules[] = {
	[OVERLAP_RACE] = {
		.id = "map-race-overlap",
		.title = "Two threads were inside one map at once",
		.help = help,
		.level = LEVEL_ERROR,
		.unit = "count",
		.mistake = "map-race",
	},
	[OVERLAP_ORDERED] = {
		.id = "internal-overlap-ordered",
		.title = "cmshim contradicts itself",
		.help = "Two calls were inside a map at once, as their "
			"numbers prove, and yet one of them is said to have "
			"ended before the other began, by the synchronisation "
			"that was recorded. Both cannot be: this is a mistake "
			"of the recorder or of the report, not of the "
			"program. The tier is observed. What it can miss: "
			"mistakes that do not show in such a pair. What it "
			"can get wrong: nothing is known. What to do: send "
			"the trace to those who make cmshim, and trust no "
			"prediction about this map; that the calls overlapped "
			"rests on less and stays likely.",
		.level = LEVEL_WARNING,
		.unit = "count",
	},
	[OVERLAP_DESTROYED] = {
		.id = "map-destroy-in-use",
		.title = "A map was destroyed while another thread used it",
		.help = "The call that destroys a map was made while another "
			"thread's call on it was in progress: then the tier "
			"is overlap, and it is proved like map-race-overlap, "
			"which see. Or nothing that was recorded orders the "
			"two, though they did not meet: then it is predicted, "
			"as by map-race-hb, a warning or a note. What to do: "
			"make sure that nobody uses the map any more, by a "
			"join or a count of its users, before it is "
			"destroyed.",
		.level = LEVEL_ERROR,
		.mistake = "map-race",
		.unit = "count",
	},
	{ .id = NULL },
};

struct group {
	uint32_t map;
	bool is_one_of;
	uint64_t count;
	uint32_t n_parts;
	struct part *parts;
};

struct overlaps {
	struct table *places; /* (call, stack) to number */
	struct ledger groups; /* by map and places */
	uint32_t ordered_map; /* of the first of these */
	struct part ordered[2];
	uint64_t n_ordered; /* pairs that are said to be ordered */
};

struct overlaps *overlaps_new(void)
{
	struct overlaps *all = zeroed(1, sizeof(*all));

	all->places = table_new();
	all->groups = ledger_of(sizeof(struct group));
	return all;
}

void overlaps_free(struct overlaps *all)
{
	for (size_t i = 0; i < all->groups.n; i++) {
		struct group *g = ledger_get(&all->groups, i);

		store_free(g->parts);
	}
	ledger_release(&all->groups);
	table_free(all->places);
	store_free(all);
}

/* A number for the call and the stack. */
static uint32_t place_of(struct overlaps *all, const struct site *site)
{
	uint64_t *number = table_at(all->places, site->call, site->stack);

	if (!*number)
		*number = table_count(all->places);
	return (uint32_t)*number;
}

/* The same two places make the same key, whichever comes first. */
static uint64_t pair_key(struct overlaps *all, const struct site *a,
			 const struct site *b)
{
	uint64_t one = place_of(all, a), other = place_of(all, b);

	return one < other ? one << 32 | other : other << 32 | one;
}

static struct group *group_at(struct overlaps *all, uint32_t map, uint64_t key)
{
	bool is_new;
	struct group *g = ledger_at(&all->groups, map, key, &is_new);

	g->map = map;
	return g;
}

static void set_parts(struct group *g, const struct part *first,
		      const struct part *others, uint32_t n_others)
{
	if (!g->parts)
		g->parts = zeroed(1 + n_others, sizeof(*g->parts));
	g->parts[0] = *first;
	for (uint32_t i = 0; i < n_others; i++)
		g->parts[1 + i] = others[i];
	g->n_parts = 1 + n_others;
}

/*
 * The example is the pair that was complete first, by the map's own numbers,
 * so that it does not depend on how the threads were merged.
 */
static bool is_earlier(const struct part *a, const struct part *b,
		       const struct group *g)
{
	const struct part *c = &g->parts[0], *d = &g->parts[1];

	if (b->number != d->number)
		return b->number < d->number;
	if (a->number != c->number)
		return a->number < c->number;
	if (a->site.thread != c->site.thread)
		return a->site.thread < c->site.thread;
	return b->site.thread < d->site.thread;
}

void overlaps_add(struct overlaps *all, uint32_t map, struct part a,
		  struct part b, uint64_t count)
{
	struct group *g = group_at(all, map, pair_key(all, &a.site, &b.site));
	bool swap = a.is_write == b.is_write ? a.number > b.number : b.is_write;
	struct part first = swap ? b : a, second = swap ? a : b;

	if (!g->count || is_earlier(&first, &second, g))
		set_parts(g, &first, &second, 1);
	g->count += count;
}

void overlaps_contradict(struct overlaps *all, uint32_t map, struct part a,
			 struct part b)
{
	if (all->n_ordered++)
		return;
	all->ordered_map = map;
	all->ordered[0] = a;
	all->ordered[1] = b;
}

void overlaps_consider(struct overlaps *all, struct candidates *c,
		       const struct site *site, uint64_t number)
{
	struct part p = { .site = *site, .number = number, .is_write = true };

	for (uint32_t i = 0; i < c->n; i++) {
		struct part *known = &c->parts[i];

		if (place_of(all, &known->site) != place_of(all, site))
			continue;
		if (number > known->number)
			*known = p;
		return;
	}
	if (c->n == MAX_CANDIDATES)
		c->is_doubtful = true;
	else
		c->parts[c->n++] = p;
}

void overlaps_add_one_of(struct overlaps *all, uint32_t map, struct part read,
			 const struct candidates *c)
{
	uint64_t key = (uint64_t)place_of(all, &read.site) << 32;
	struct group *g = group_at(all, map, key);

	g->is_one_of = true;
	if (!g->count)
		set_parts(g, &read, c->parts, c->n);
	g->count++;
}

/* Whether what the group leaves open has been settled by another. */
static bool is_settled(struct overlaps *all, const struct group *g)
{
	for (uint32_t i = 1; i < g->n_parts; i++)
		if (ledger_find(&all->groups, g->map,
				pair_key(all, &g->parts[0].site,
					 &g->parts[i].site)))
			return true;
	return false;
}

static const char *message_of(const struct group *g, uint64_t unproven,
			      struct arena *mem)
{
	const char *what = g->parts[0].is_write == g->parts[1].is_write
				   ? "Two writes were"
				   : "A read and a write were";
	char *text;

	if (g->is_one_of)
		text = arena_printf(mem,
				    "A read was inside with at least one of %u "
				    "kinds of writes, %" PRIu64 " time%s",
				    g->n_parts - 1, g->count,
				    g->count == 1 ? "" : "s");
	else
		text = arena_printf(mem,
				    "%s inside at once, %" PRIu64 " time%s",
				    what, g->count, g->count == 1 ? "" : "s");
	if (!unproven)
		return text;
	return arena_printf(mem,
			    "%s; %" PRIu64 " more calls on the map met one of "
			    "which there is no record",
			    text, unproven);
}

static struct side part_side(const struct part *p, const struct world *world,
			     struct arena *mem)
{
	struct side side = site_side(
		&p->site, site_role(&p->site, p->is_write, world->info), world,
		mem);

	side.write_number = p->number;
	return side;
}

static void report_contradiction(const struct overlaps *all,
				 const struct world *world, struct arena *mem,
				 struct report *out)
{
	const struct rule *rule = &overlap_rules[OVERLAP_ORDERED];
	struct side sides[] = {
		part_side(&all->ordered[0], world, mem),
		part_side(&all->ordered[1], world, mem),
	};

	report_add_finding(
		out, &(struct finding){
			     .rule = rule,
			     .level = rule->level,
			     .tier = TIER_OBSERVED,
			     .object = all->ordered_map,
			     .weight = all->n_ordered,
			     .count = all->n_ordered,
			     .message = "Calls that were inside at once are "
					"said to have come one after the "
					"other: an error of cmshim",
			     .sides = sides,
			     .n_sides = 2,
		     });
}

static void report_group(const struct group *g, const struct finding *common,
			 const struct world *world, struct arena *mem,
			 struct report *out)
{
	struct side sides[1 + MAX_CANDIDATES];
	struct finding f = *common;
	bool anybody_locks = false;

	for (uint32_t i = 0; i < g->n_parts; i++) {
		sides[i] = part_side(&g->parts[i], world, mem);
		if (g->is_one_of && i)
			sides[i].role = "may have been the write";
		anybody_locks |= sides[i].n_held > 0;
	}
	f.advice = anybody_locks
			   ? "Take the same lock on both sides, exclusively "
			     "for writes: what was held does not keep these "
			     "calls apart."
			   : "Protect the map by one lock, taken around every "
			     "call on it: neither side held any.";
	f.weight = g->count;
	f.count = g->count;
	f.sides = sides;
	f.n_sides = g->n_parts;
	report_add_finding(out, &f);
}

/* One of the sides was the end of the map. */
static bool is_destroyed(const struct group *g, const struct trace_info *info)
{
	for (uint32_t i = 0; i < g->n_parts; i++)
		if (info->calls[g->parts[i].site.call].op == CMSHIM_OP_MAP_FREE)
			return true;
	return false;
}

void overlaps_report(struct overlaps *all, const struct world *world,
		     const uint64_t *unproven, struct arena *mem,
		     struct report *out)
{
	if (all->n_ordered)
		report_contradiction(all, world, mem, out);
	for (size_t i = 0; i < all->groups.n; i++) {
		const struct group *g = ledger_get(&all->groups, i);
		const struct rule *rule =
			&overlap_rules[is_destroyed(g, world->info)
					       ? OVERLAP_DESTROYED
					       : OVERLAP_RACE];
		struct finding common = {
			.rule = rule,
			.level = rule->level,
			.tier = TIER_OVERLAP,
			.object = g->map,
		};

		if (g->is_one_of && is_settled(all, g))
			continue;
		common.message = message_of(g, unproven[g->map], mem);
		report_group(g, &common, world, mem, out);
	}
}

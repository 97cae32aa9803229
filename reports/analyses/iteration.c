/* SPDX-License-Identifier: MIT */
/*
 * Iteration: an iterator that goes on after the map was changed behind its
 * back.  An iteration is one long read, from where it was begun to its last
 * step, whatever locks are given up in between.
 *
 * Writes are numbered, and a step says which was the last before it: what
 * lies between the numbers of two steps fell between them.  Only writes that
 * changed which keys there are count, and none made through the iterator.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "analysis.h"
#include "fetch.h"
#include "ledger.h"
#include "maps/mapcall.h"
#include "maps/writes.h"
#include "world/kin.h"

static const struct rule rules[] = {
	{
		.id = "map-iter-invalidated",
		.title = "A map was changed during an iteration",
		.help = "Keys were added to a map or taken out of it between "
			"two steps of an iteration over it, and not through "
			"the iterator: it may then skip elements, give them "
			"twice or read freed memory. That the iterator was "
			"used afterwards is certain. What it can miss: changes"
			" long before the step that comes after them; "
			"iterations that end by themselves after a change. "
			"What it can get wrong: an iterator that was copied "
			"to the place of one that was not finished. What to "
			"do: remove through the iterator; keep one lock over "
			"the whole iteration, and over each write; or collect"
			" first what is to be changed.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	{ .id = NULL },
};

enum {
	ITERATOR_BITS = 12,
	N_KEPT = 16,	    /* changes remembered of a map */
	MAX_MAPS = 1 << 16, /* maps whose changes are */
};

/* An iteration: where it is. */
struct iterator {
	uint64_t key;
	uint64_t seq; /* no change up to it is news */
	uint32_t thread, map;
	uint32_t epoch, map_epoch;
};

struct change {
	uint64_t seq;
	uint64_t iterator; /* made through it; 0: none */
	struct site site;
};

/* The last changes of a map's keys. */
struct changes {
	uint64_t n;
	struct change kept[N_KEPT];
};

/* The same places, any map made at one place. */
struct group {
	uint32_t map;
	struct site step, write;
	uint64_t number; /* of the write */
	uint64_t n;
	bool is_own;
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct iterator *iterators;
	uint32_t *thread_epoch; /* goes up where events are missing */
	uint32_t *map_epoch;
	uint32_t *changes_of; /* by object; 0: none */
	struct changes *changes;
	size_t n_changes, room_changes;
	struct ledger groups;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.iterators = arena_alloc(mem, sizeof(*st->iterators)
						      << ITERATOR_BITS),
		.thread_epoch =
			arena_alloc(mem, info->n_threads * sizeof(uint32_t)),
		.map_epoch =
			arena_alloc(mem, info->n_objects * sizeof(uint32_t)),
		.changes_of =
			arena_alloc(mem, info->n_objects * sizeof(uint32_t)),
		.groups = ledger_of(sizeof(struct group)),
		.n_changes = 1,
	};
	st->changes = grow(NULL, &st->room_changes, 0, sizeof(*st->changes));
	return st;
}

static void add_change(struct state *st, const struct event *ev,
		       const struct world *world)
{
	uint32_t *number = &st->changes_of[ev->object];
	struct changes *all;

	if (!*number && st->n_changes == MAX_MAPS)
		return;
	if (!*number) {
		st->changes = grow(st->changes, &st->room_changes,
				   st->n_changes, sizeof(*st->changes));
		*number = (uint32_t)st->n_changes++;
	}
	all = &st->changes[*number];
	all->kept[all->n++ % N_KEPT] = (struct change){
		.seq = ev->seq,
		.iterator = ev->flags & CMSHIM_ITERATOR ? ev->key : 0,
		.site = site_of(ev, world),
	};
}

/* A change numbered in (after, to] that the iterator did not make; or NULL. */
static const struct change *find_change(const struct state *st,
					const struct iterator *it, uint64_t to)
{
	const struct changes *all = &st->changes[st->changes_of[it->map]];

	for (uint64_t i = all->n; i > 0 && all->n - i < N_KEPT; i--) {
		const struct change *c = &all->kept[(i - 1) % N_KEPT];

		if (c->seq <= it->seq)
			break;
		if (c->seq <= to &&
		    (c->iterator != it->key || c->site.thread != it->thread))
			return c;
	}
	return NULL;
}

static void report(struct state *st, const struct event *ev,
		   const struct world *world, const struct change *c)
{
	uint64_t where = kin_by_place(st->info, ev->object);
	bool is_own = c->site.thread == ev->thread;
	bool is_new;
	struct group *g =
		ledger_at(&st->groups, where * 2 + is_own,
			  (uint64_t)ev->stack << 32 | c->site.stack, &is_new);

	if (is_new)
		*g = (struct group){
			.map = ev->object,
			.step = site_of(ev, world),
			.write = c->site,
			.number = c->seq,
			.is_own = is_own,
		};
	g->n++;
}

static bool is_known(const struct state *st, const struct iterator *it,
		     const struct event *ev)
{
	return it->key == ev->key && it->thread == ev->thread &&
	       it->map == ev->object &&
	       it->epoch == st->thread_epoch[ev->thread] &&
	       it->map_epoch == st->map_epoch[ev->object];
}

/* A call through an iterator: its first, a step, or a write. */
static void through_iterator(struct state *st, const struct event *ev,
			     const struct world *world)
{
	uint64_t hash =
		(ev->key ^ (uint64_t)ev->thread << 32) * 0x9e3779b97f4a7c15u;
	struct iterator *it = &st->iterators[hash >> (64 - ITERATOR_BITS)];
	bool begins = !mapcall_is_write(ev) &&
		      st->info->calls[ev->call].op == CMSHIM_OP_MAP_READ;
	const struct change *c;

	if (!begins && is_known(st, it, ev)) {
		c = find_change(st, it, ev->seq);
		if (c)
			report(st, ev, world, c);
	}
	*it = (struct iterator){
		.key = ev->key,
		.seq = ev->seq,
		.thread = ev->thread,
		.map = ev->object,
		.epoch = st->thread_epoch[ev->thread],
		.map_epoch = st->map_epoch[ev->object],
	};
	/* A step that found nothing more was the last one. */
	if (!mapcall_is_write(ev) && ev->flags & CMSHIM_MISS)
		it->key = 0;
}

static void soon(const void *state, const struct event *ev)
{
	const struct state *st = state;

	if (mapcall_is_write(ev))
		fetch(&st->changes[st->changes_of[ev->object]],
		      sizeof(*st->changes));
}

static void ended(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	if (!ev->object || ev->flags & CMSHIM_ABANDONED)
		return;
	if (mapcall_is_write(ev) && mapcall_changed_keys(ev))
		add_change(st, ev, world);
	if (ev->flags & CMSHIM_ITERATOR)
		through_iterator(st, ev, world);
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;

	(void)world;
	if (ev->op == CMSHIM_OP_DROP)
		st->thread_epoch[ev->thread]++;
	if (ev->op == EVENT_GAP)
		st->map_epoch[ev->object]++;
}

static void add_finding(const struct group *g, const struct world *world,
			struct arena *mem, struct report *out)
{
	struct side sides[] = {
		site_side(&g->step, "went on with its iteration", world, mem),
		site_side(&g->write,
			  g->is_own ? "had changed the map itself"
				    : "had changed the map",
			  world, mem),
	};

	sides[1].write_number = g->number;
	report_add_finding(
		out,
		&(struct finding){
			.rule = &rules[0],
			.level = LEVEL_ERROR,
			.tier = TIER_OBSERVED,
			.object = g->map,
			.weight = g->n,
			.count = g->n,
			.message =
				g->is_own
					? "A thread changed the map it was "
					  "iterating over, other than through "
					  "the iterator, and went on"
					: "Another thread changed the map "
					  "between two steps of an iteration",
			.advice = g->is_own
					  ? "Change it through the iterator, "
					    "or after the iteration."
					  : "Keep one lock over the whole "
					    "iteration and around each write.",
			.sides = sides,
			.n_sides = 2,
		});
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	for (size_t i = 0; i < st->groups.n; i++)
		add_finding(ledger_get(&st->groups, i), world, st->mem, out);
	ledger_release(&st->groups);
	store_free(st->changes);
}

static const struct hearing hears[] = {
	{ ANALYSIS_MAP_ENDED, ended },
	{ .ops = 0 },
};

const struct analysis analysis_iteration = {
	.name = "iteration",
	.help = "maps changed while somebody iterates over them",
	.rules = rules,
	.wants = ANALYSIS_MAP_CALLS | ANALYSIS_MADE,
	.begin = begin,
	.event = event,
	.hears = hears,
	.soon = soon,
	.finish = finish,
};

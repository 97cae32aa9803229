/* SPDX-License-Identifier: MIT */
/*
 * How each map was used: calls by kind and what they found, how many elements
 * there were over time, which locks were held, which keys were used most.
 *
 * The number of elements follows from what the calls told: exact for a map
 * whose making was seen, or from the call on that says how many there are.
 * Locks count from the first call of a second thread on: until then there is
 * nobody to be kept out.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "analysis.h"
#include "fetch.h"
#include "maps/hotkeys.h"
#include "maps/mapcall.h"
#include "maps/races.h"
#include "maps/spans.h"
#include "text.h"
#include "world/site.h"

enum {
	N_GUARDS = 4,
	N_HELD = 16,	    /* locks at most that are looked at in a call */
	FEW_WRITES = 16,    /* no size over time is kept of a map with fewer */
	FEW_KEYS = 32,	    /* nor keys */
	NEARLY_ALWAYS = 90, /* %: held so often a lock is the map's */
	LEAST_SIZE = 1000,  /* what is smaller does not matter */
};

#define MOST_SIZE ((uint64_t)1 << 40) /* more no memory holds */
#define LEAST_NS  1000000000u	      /* what a shorter run did is no trend */

static const struct rule rules[] = {
	{
		.id = "map-growth",
		.title = "A map grew all the time",
		.help = "From its first element to the end of the run a map "
			"had more elements at the end of nine in ten equal "
			"spans of time than before, and a thousand or more "
			"in the end. What it can get wrong: the run may have "
			"been too short, or the map may be meant to fill. "
			"What it can miss: maps of which it is not known how "
			"many elements they had. What to do: see that what "
			"is put in is taken out again.",
		.level = LEVEL_NOTE,
		.unit = "count",
	},
	{ .id = NULL },
};

struct map {
	uint32_t object;
	uint32_t first_thread;
	bool is_shared;
	bool knows_size;
	uint64_t size, most;
	uint64_t last_write; /* number */
	uint64_t n_shared, n_keyed, n_writes;
	struct map_counts counts;
	struct site put;      /* the last one */
	struct site callback; /* a write by a handler without locks */
	uint64_t n_callbacks;
	struct spans *spans;	  /* NULL: few writes */
	struct hotkeys *hot;	  /* NULL: few keys */
	struct map_guard *guards; /* [N_GUARDS]; NULL: none */
	uint32_t n_guards;
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	uint32_t *map_of; /* object to index */
	uint32_t *depth;  /* by thread: of signal handlers */
	struct map *maps; /* from 1 */
	size_t n_maps, room_maps;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.map_of =
			arena_alloc(mem, info->n_objects * sizeof(*st->map_of)),
		.depth = arena_alloc(mem, info->n_threads * sizeof(uint32_t)),
		.n_maps = 1,
	};
	st->maps = grow(NULL, &st->room_maps, 0, sizeof(*st->maps));
	return st;
}

static struct map *add_map(struct state *st, uint32_t object)
{
	const struct object_info *o = &st->info->objects[object];

	if (!object || o->class != CMSHIM_MAP)
		return NULL;
	st->maps =
		grow(st->maps, &st->room_maps, st->n_maps, sizeof(*st->maps));
	st->maps[st->n_maps] = (struct map){
		.object = object,
		.knows_size = o->kind & CMSHIM_SEEN_INIT,
	};
	st->map_of[object] = (uint32_t)st->n_maps;
	return &st->maps[st->n_maps++];
}

/* NULL: it is none. */
static struct map *map_at(struct state *st, uint32_t object)
{
	uint32_t number = st->map_of[object];

	return number ? &st->maps[number] : add_map(st, object);
}

static void set_size(struct state *st, struct map *m, const struct event *ev,
		     uint64_t size)
{
	if (m->n_writes >= FEW_WRITES && !m->spans)
		m->spans = arena_alloc(st->mem, sizeof(*m->spans));
	if (m->spans)
		spans_add(m->spans, ev->time_ns, (int64_t)(size - m->size));
	m->size = size;
	m->knows_size = true;
	if (size > m->most)
		m->most = size;
}

static void removed(struct state *st, struct map *m, const struct event *ev)
{
	bool is_all = !ev->is_by_key && !ev->has_arg && !mapcall_is_told(ev);
	uint64_t n = ev->has_arg ? ev->arg : 1;

	m->counts.removals++;
	if (!mapcall_took_out(ev))
		return;
	if (is_all && ev->flags & CMSHIM_ABANDONED) {
		m->knows_size = false;
		return;
	}
	if (is_all) {
		m->counts.removed += m->size;
		set_size(st, m, ev, 0);
		return;
	}
	if (!ev->has_arg && !mapcall_is_told(ev)) {
		m->knows_size = false;
		return;
	}
	m->counts.removed += n;
	if (m->knows_size)
		set_size(st, m, ev, m->size > n ? m->size - n : 0);
}

static void put(struct state *st, struct map *m, const struct event *ev,
		const struct world *world)
{
	m->counts.puts++;
	m->put = site_of(ev, world);
	if (ev->flags & CMSHIM_HIT) {
		m->counts.replaced++;
	} else if (ev->flags & CMSHIM_MISS) {
		m->counts.added++;
		if (m->knows_size)
			set_size(st, m, ev, m->size + 1);
	} else {
		m->knows_size = false;
	}
}

static void wrote(struct state *st, struct map *m, const struct event *ev,
		  const struct world *world)
{
	m->n_writes++;
	if (ev->seq > m->last_write)
		m->last_write = ev->seq;
	if (ev->flags & CMSHIM_REMOVES)
		removed(st, m, ev);
	else
		put(st, m, ev, world);
}

static void did_read(struct state *st, struct map *m, const struct event *ev)
{
	if (st->info->calls[ev->call].op == CMSHIM_OP_MAP_NEXT) {
		m->counts.steps++;
	} else if (ev->is_by_key) {
		m->counts.lookups++;
		m->counts.hits += !!(ev->flags & CMSHIM_HIT);
		m->counts.misses += !!(ev->flags & CMSHIM_MISS);
	} else if (!ev->has_arg) {
		m->counts.walks++;
	} else if (ev->seq == m->last_write && ev->arg <= MOST_SIZE) {
		set_size(st, m, ev, ev->arg);
	}
}

static void add_key(struct state *st, struct map *m, const struct event *ev)
{
	if (!ev->key || ev->flags & CMSHIM_ITERATOR)
		return;
	m->n_keyed++;
	if (m->n_keyed == FEW_KEYS)
		m->hot = arena_alloc(st->mem, sizeof(*m->hot));
	if (m->hot)
		hotkeys_add(m->hot, ev->key);
}

static void add_guard(struct state *st, struct map *m, const struct held *h)
{
	uint32_t i = 0;

	if (!m->guards)
		m->guards = arena_alloc(st->mem, N_GUARDS * sizeof(*m->guards));
	while (i < m->n_guards && m->guards[i].lock != h->object)
		i++;
	if (i == N_GUARDS)
		return;
	if (i == m->n_guards)
		m->guards[m->n_guards++].lock = h->object;
	m->guards[i].n++;
	m->guards[i].n_shared += h->shared;
}

static void add_guards(struct state *st, struct map *m, const struct event *ev,
		       const struct world *world)
{
	const struct world_thread *t = &world->threads[ev->thread];

	if (!m->first_thread)
		m->first_thread = ev->thread;
	m->is_shared |= m->first_thread != ev->thread;
	if (st->depth[ev->thread] && !t->n_held && mapcall_is_write(ev)) {
		m->n_callbacks++;
		m->callback = site_of(ev, world);
		return;
	}
	if (!m->is_shared)
		return;
	m->n_shared++;
	for (size_t i = t->n_held; i > 0 && t->n_held - i < N_HELD; i--)
		/* A recursive one only once. */
		if (i == 1 || t->held[i - 1].object != t->held[i - 2].object)
			add_guard(st, m, &t->held[i - 1]);
}

static void handled(struct state *st, const struct event *ev)
{
	uint32_t *depth = &st->depth[ev->thread];

	if (ev->op == CMSHIM_OP_HANDLER_ENTER)
		++*depth;
	else if (ev->op == CMSHIM_OP_HANDLER_EXIT && *depth)
		--*depth;
	else if (ev->op == CMSHIM_OP_DROP)
		*depth = 0;
}

static void soon(const void *state, const struct event *ev)
{
	const struct state *st = state;

	const struct map *m = &st->maps[st->map_of[ev->object]];

	fetch(m, sizeof(*m));
	if (m->hot)
		fetch(m->hot, sizeof(*m->hot));
	if (m->guards)
		fetch(m->guards, sizeof(*m->guards));
}

static void ended(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;
	struct map *m = map_at(st, ev->object);

	if (!m)
		return;
	add_key(st, m, ev);
	add_guards(st, m, ev, world);
	if (mapcall_is_write(ev))
		wrote(st, m, ev, world);
	else
		did_read(st, m, ev);
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;
	struct map *m;

	(void)world;
	handled(st, ev);
	m = map_at(st, ev->object);
	if (!m)
		return;
	if (ev->op == EVENT_GAP)
		m->knows_size = false;
	if (ev->op == CMSHIM_OP_MAP_FREE)
		set_size(st, m, ev, 0);
}

static void report_growth(const struct state *st, const struct map *m,
			  const struct map_size *size,
			  const struct world *world, struct report *out)
{
	struct side side = site_side(&m->put, "puts in", world, st->mem);

	report_add_finding(
		out,
		&(struct finding){
			.rule = &rules[0],
			.level = LEVEL_NOTE,
			.tier = TIER_OBSERVED,
			.object = m->object,
			.weight = size->now,
			.message = arena_printf(
				st->mem,
				"It had %s elements in the end, %s at half the"
				" time: %s were put in, %s taken out",
				text_count(size->now).text,
				text_count(size->at[size->n_at / 2]).text,
				text_count(m->counts.added).text,
				text_count(m->counts.removed).text),
			.advice = "See that what is put in is taken out again.",
			.sides = &side,
			.n_sides = 1,
		});
}

static int by_calls(const void *one, const void *other)
{
	const struct map_guard *a = one, *b = other;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return a->lock < b->lock ? -1 : a->lock > b->lock;
}

/* After sorting: the first guard is the usual one. */
static void report_callback(const struct state *st, const struct map *m,
			    const struct world *world, struct report *out)
{
	const struct map_guard *g = m->guards;
	struct side side = site_side(
		&m->callback, "wrote it in a signal handler", world, st->mem);

	if (!m->n_callbacks || !m->n_guards || g->n == g->n_shared ||
	    g->n * 100 < m->n_shared * NEARLY_ALWAYS)
		return;
	report_add_finding(
		out, &(struct finding){
			     .rule = &race_rules[RACE_IN_CALLBACK],
			     .level = LEVEL_WARNING,
			     .tier = TIER_DISCIPLINE,
			     .object = m->object,
			     .weight = m->n_callbacks,
			     .count = m->n_callbacks,
			     .message = arena_printf(
				     st->mem,
				     "A handler wrote it without a lock; other "
				     "calls hold one and the same lock in %s",
				     text_share(g->n, m->n_shared).text),
			     .advice = "Set a flag in the handler, and do the "
				       "work outside.",
			     .sides = &side,
			     .n_sides = 1,
		     });
}

static void report_map(const struct state *st, struct map *m,
		       const struct world *world, struct report *out)
{
	uint64_t at[N_SPANS];
	struct map_key keys[N_HOT_KEYS];
	struct map_profile p = {
		.object = m->object,
		.counts = m->counts,
		.size = { .is_known = m->knows_size,
			  .now = m->size,
			  .most = m->most,
			  .at = at },
		.n_shared = m->n_shared,
		.guards = m->guards,
		.n_guards = m->n_guards,
		.n_keyed = m->n_keyed,
		.keys = keys,
		.n_keys = m->hot ? hotkeys_list(m->hot, keys) : 0,
	};

	if (m->spans && m->knows_size) {
		p.size.n_at = spans_list(m->spans, st->info->duration_ns,
					 m->size, at);
		p.size.span_ns = m->spans->span_ns;
	}
	if (m->n_guards)
		qsort(m->guards, m->n_guards, sizeof(*m->guards), by_calls);
	report_add_map_profile(out, &p);
	report_callback(st, m, world, out);
	if (m->size >= LEAST_SIZE && st->info->duration_ns >= LEAST_NS &&
	    spans_grow(at, p.size.n_at))
		report_growth(st, m, &p.size, world, out);
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	for (size_t i = 1; i < st->n_maps; i++)
		report_map(st, &st->maps[i], world, out);
	store_free(st->maps);
}

static const struct hearing hears[] = {
	{ ANALYSIS_MAP_ENDED, ended },
	{ .ops = 0 },
};

const struct analysis analysis_map_profile = {
	.name = "map_profile",
	.help = "how maps were used, and which ones only grow",
	.rules = rules,
	.wants = ANALYSIS_MAP_CALLS | ANALYSIS_OP(CMSHIM_OP_HANDLER_ENTER) |
		 ANALYSIS_OP(CMSHIM_OP_HANDLER_EXIT) | ANALYSIS_MADE,
	.begin = begin,
	.event = event,
	.hears = hears,
	.soon = soon,
	.finish = finish,
};

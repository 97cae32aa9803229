/* SPDX-License-Identifier: MIT */
/*
 * Calls on a map by a thread that is inside another call on the same map: the
 * library called the program back, or a signal handler interrupted it.
 *
 * What a library allows in its callbacks differs.  Changing a map from the
 * callback of a read (foreach, find, twalk) none allows; what is called from
 * a write, say to free an element, GLib does allow, so that is left alone.  A
 * signal handler comes when the map may be half changed.
 */
#include <stdlib.h>

#include "analysis.h"
#include "ledger.h"
#include "maps/mapcall.h"
#include "world/kin.h"
#include "world/site.h"

static const struct rule rules[] = {
	{
		.id = "map-reentrant",
		.title = "A map was used inside a call on the same map",
		.help = "A thread made a call on a map while it was inside "
			"another call on the same one. From a callback of a "
			"read, a call changed which keys are in the map that "
			"the library was going through. Or a signal handler "
			"interrupted the call, when the map may have been "
			"half changed, and one of the two writes. What it can "
			"miss: calls from the callbacks of writes, such as "
			"comparison and free functions; handlers that ran "
			"just before or after the call. What it can get "
			"wrong: a tsearch() from a twalk() that found what it "
			"looked for, which is why that is a warning. What to "
			"do: note what is to be changed and change it after "
			"the call; in a signal handler only set a flag.",
		.level = LEVEL_ERROR,
		.unit = "count",
	},
	{ .id = NULL },
};

/* A call that has a record of its entry. */
struct open {
	uint32_t map;
	struct site site;
	bool is_write;
	uint32_t depth; /* of handlers */
};

struct inside {
	struct open *open; /* the innermost last */
	size_t n, room;
	uint32_t depth; /* handlers that are running */
};

struct group {
	uint32_t map;
	struct site outer, inner;
	uint64_t n;
	bool is_signal;
	bool is_certain;
	bool was_write, is_write;
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	struct inside *threads;
	struct ledger groups;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.threads = arena_alloc(mem,
				       info->n_threads * sizeof(*st->threads)),
		.groups = ledger_of(sizeof(struct group)),
	};
	return st;
}

/* The recorder follows half as many; a file could say anything. */
#define MAX_OPEN 128u

static void enter(struct inside *t, const struct event *ev,
		  const struct world *world)
{
	if (t->n == MAX_OPEN)
		return;
	t->open = grow(t->open, &t->room, t->n, sizeof(*t->open));
	t->open[t->n++] = (struct open){
		.map = ev->object,
		.site = site_of(ev, world),
		.is_write = ev->flags & CMSHIM_WRITE,
		.depth = t->depth,
	};
}

/* The innermost open call on the map, or NULL. */
static struct open *find(const struct inside *t, uint32_t map)
{
	for (size_t i = t->n; i > 0; i--)
		if (t->open[i - 1].map == map)
			return &t->open[i - 1];
	return NULL;
}

static void leave(struct inside *t, uint32_t map)
{
	struct open *o = find(t, map);

	if (o)
		t->n = (size_t)(o - t->open); /* what was in it has ended too */
}

static void add(struct state *st, const struct event *ev,
		const struct world *world, const struct open *o, bool is_signal)
{
	uint64_t where = kin_by_place(st->info, ev->object);
	bool is_new;
	struct group *g =
		ledger_at(&st->groups, where * 2 + is_signal,
			  (uint64_t)o->site.stack << 32 | ev->stack, &is_new);

	if (is_new)
		*g = (struct group){
			.map = ev->object,
			.outer = o->site,
			.inner = site_of(ev, world),
			.is_signal = is_signal,
			.was_write = o->is_write,
			.is_write = mapcall_is_write(ev),
		};
	g->n++;
	g->is_certain |=
		is_signal || mapcall_is_told(ev) || ev->flags & CMSHIM_REMOVES;
}

static void judge(struct state *st, const struct event *ev,
		  const struct world *world)
{
	const struct inside *t = &st->threads[ev->thread];
	const struct open *o = find(t, ev->object);
	bool is_write = mapcall_is_write(ev);

	if (!o)
		return;
	if (t->depth > o->depth) {
		if (is_write || o->is_write)
			add(st, ev, world, o, true);
	} else if (!o->is_write && is_write && mapcall_changed_keys(ev)) {
		add(st, ev, world, o, false);
	}
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;
	struct inside *t = &st->threads[ev->thread];

	switch (ev->op) {
	case CMSHIM_OP_MAP_ENTER:
		enter(t, ev, world);
		break;
	case CMSHIM_OP_MAP_EXIT:
		leave(t, ev->object);
		/* fall through */
	case CMSHIM_OP_MAP_READ:
	case CMSHIM_OP_MAP_WRITE:
	case CMSHIM_OP_MAP_NEXT:
		if (t->n && !(ev->flags & CMSHIM_ABANDONED))
			judge(st, ev, world);
		break;
	case CMSHIM_OP_HANDLER_ENTER:
		t->depth++;
		break;
	case CMSHIM_OP_HANDLER_EXIT:
		t->depth -= t->depth > 0;
		break;
	case CMSHIM_OP_DROP:
		t->n = 0;
		t->depth = 0;
		break;
	case EVENT_THREAD_END:
		store_free(t->open);
		*t = (struct inside){ .n = 0 };
		break;
	}
}

static void add_finding(const struct group *g, const struct world *world,
			struct arena *mem, struct report *out)
{
	struct side sides[] = {
		site_side(&g->outer,
			  g->was_write ? "was writing" : "was reading", world,
			  mem),
		site_side(&g->inner,
			  g->is_signal && g->is_write
				  ? "wrote it in a signal handler meanwhile"
			  : g->is_signal ? "read it in a signal handler "
					   "meanwhile"
					 : "changed it from the callback",
			  world, mem),
	};

	report_add_finding(
		out,
		&(struct finding){
			.rule = &rules[0],
			.level = g->is_certain ? LEVEL_ERROR : LEVEL_WARNING,
			.tier = TIER_OBSERVED,
			.object = g->map,
			.weight = g->n,
			.count = g->n,
			.message = g->is_signal
					   ? "A signal handler used the map "
					     "that the thread was inside of"
					   : "A callback changed the map that "
					     "called it",
			.advice = g->is_signal
					  ? "Set a flag in the handler, and do "
					    "the work outside."
					  : "Collect what is to be changed, "
					    "and change it after the call.",
			.sides = sides,
			.n_sides = 2,
		});
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;

	for (size_t i = 0; i < st->groups.n; i++)
		add_finding(ledger_get(&st->groups, i), world, st->mem, out);
	for (size_t i = 0; i < st->info->n_threads; i++)
		store_free(st->threads[i].open);
	ledger_release(&st->groups);
}

const struct analysis analysis_reentrant = {
	.name = "reentrant",
	.help = "calls on a map from callbacks and handlers inside a call on it",
	.rules = rules,
	.wants = ANALYSIS_MAP_CALLS | ANALYSIS_OP(CMSHIM_OP_HANDLER_ENTER) |
		 ANALYSIS_OP(CMSHIM_OP_HANDLER_EXIT) | ANALYSIS_MADE,
	.wakes = ANALYSIS_OP(CMSHIM_OP_MAP_ENTER) |
		 ANALYSIS_OP(CMSHIM_OP_HANDLER_ENTER),
	.begin = begin,
	.event = event,
	.finish = finish,
};

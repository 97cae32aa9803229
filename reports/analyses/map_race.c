/* SPDX-License-Identifier: MIT */
/*
 * Accesses of maps that nothing keeps apart, whether or not they met.
 *
 * Unordered: two conflicting calls of which neither ended before the other
 * began, by anything recorded that orders threads (order.h).
 *
 * Unguarded: no lock is held at all accesses of a map that threads share.  It
 * counts from when the map is shared for good.  A map is one thread's as long
 * as each that uses it comes after all before by other means than locks
 * (create, join, barriers, queues ...); and it may be handed over once by way
 * of a lock, as a map is that one thread fills and publishes.
 *
 * Ordered by a signal only: by a condition variable whose signal would have
 * been lost had the other thread not waited yet.
 *
 * That two calls never met, though often near each other, is no sign that they
 * are kept apart by means unseen.  How many meetings were to be expected
 * depends on how long calls take and how far apart they are, and calls have no
 * stamps; their numbers say only which came first, which is as random with an
 * unseen lock as without one.  Where other calls on the map did meet, so that
 * a rate could be taken from those, it is an error already.
 *
 * Nor is it told when what was found in a map is used after the lock was given
 * up (ptr-escape): a call's record has the key, not the pointer that came of
 * it, and reads of memory are not recorded at all.  Nor that a map lies in
 * memory shared with other processes: where that is is not recorded; only that
 * a process has locks of that kind (the tag pshared).
 *
 * Locks by key are always a mistake here (map-striped-unsafe).  That they are
 * right, with a note, could be said of a map that is made for them; but of
 * all whose calls are recorded there is none: each resizes, rebalances or
 * counts for all of its keys.
 *
 * The state of a map that one thread uses is small, and its accesses cost next
 * to nothing.
 */
#include <stdlib.h>

#include "analysis.h"
#include "fetch.h"
#include "maps/callbacks.h"
#include "maps/opencalls.h"
#include "maps/races.h"
#include "reorder/race_reach.h"
#include "world/promises.h"
#include "world/unseen.h"

/* Whose a map is. */
enum sharing { UNUSED, OWNED, SHARED };

struct map {
	uint32_t object;
	uint32_t era;
	enum sharing sharing;
	uint32_t owner;	       /* slot */
	uint32_t checked_news; /* of last_slot, when asked whether all was known
				  to it without locks */
	struct history history;
	struct guards *guards; /* NULL: not yet shared */
	struct map_races *found;
};

struct state {
	struct arena *mem;
	const struct trace_info *info;
	uint32_t *map_of; /* object to index in maps; 0: not watched */
	struct map *maps;
	size_t n_maps, room_maps;
	struct open_calls opens;
	struct callback *callbacks; /* by thread */
	struct race_reach *reach;   /* at the end: of those maps */
	struct promises *promises;
};

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.map_of =
			arena_alloc(mem, info->n_objects * sizeof(*st->map_of)),
		.callbacks = arena_alloc(mem, info->n_threads *
						      sizeof(*st->callbacks)),
		.n_maps = 1,
	};
	open_calls_init(&st->opens, info->n_threads, info->n_objects, mem);
	st->promises = promises_new(info);
	st->maps = grow(NULL, &st->room_maps, 0, sizeof(*st->maps));
	for (uint32_t i = 1; i < info->n_objects; i++) {
		const struct object_info *o = &info->objects[i];

		if (o->class != CMSHIM_MAP ||
		    info->families[o->family].discipline == CMSHIM_SELF_LOCKED)
			continue;
		st->maps = grow(st->maps, &st->room_maps, st->n_maps,
				sizeof(*st->maps));
		st->maps[st->n_maps] = (struct map){ .object = i };
		st->map_of[i] = (uint32_t)st->n_maps++;
	}
	return st;
}

static void restart(struct map *m, uint32_t era)
{
	m->era = era;
	m->sharing = UNUSED;
	history_reset(&m->history);
}

/* Of the pairs of a map the first that nobody may have told of counts.  now:
   what the second knew as it began. */
static void found(struct state *st, struct map *m, enum race_kind kind,
		  const struct entry *first, const struct access *second,
		  const struct instant *now, const struct order *order)
{
	const struct last_order *last;
	struct pair *p;

	if (!m->found) {
		m->found = arena_alloc(st->mem, sizeof(*m->found));
		m->found->object = m->object;
	}
	p = &m->found->pairs[kind];
	if (p->count++ && (!promises_tell(st->promises, p->at) ||
			   promises_tell(st->promises, first->at)))
		return;
	p->at = first->at;
	p->first = first->access;
	p->second = *second;
	p->has_orphan = order_is_orphan(order, p->first.site.thread) ||
			order_is_orphan(order, second->site.thread);
	last = order_last(order, p->first.site.thread, p->at.slot,
			  second->site.thread, now);
	p->has_last = last && kind == PAIR_UNORDERED;
	if (p->has_last)
		p->last = *last;
}

static bool has_found(const struct map *m, enum race_kind kind)
{
	return m->found && m->found->pairs[kind].count;
}

/*
 * Whose the map is from this access on.  The first that comes by way of a lock
 * begins to share it; until another one comes too, that is handing it over.
 */
static void pass_on(struct state *st, struct map *m, const struct instant *now)
{
	uint32_t slot = now->at.slot;
	bool is_asked =
		m->history.last_slot == slot && m->checked_news == now->news;

	m->checked_news = now->news;
	if (m->sharing == UNUSED ||
	    (!is_asked && history_is_known(&m->history, now, ORDER_NO_LOCKS))) {
		m->sharing = OWNED;
		m->owner = slot;
		return;
	}
	if (m->sharing == SHARED || m->owner == slot)
		return;
	m->sharing = SHARED;
	if (!m->guards)
		m->guards = arena_alloc(st->mem, sizeof(*m->guards));
	guards_begin(m->guards);
}

static void guard(struct state *st, struct map *m, const struct access *a,
		  const struct instant *now, uint64_t key,
		  const struct world *world)
{
	const struct entry *other;

	guards_use(m->guards, a, now->at.slot, key, world);
	if (!guards_are_missing(m->guards))
		return;
	other = history_other(&m->history, now->at.slot, a->is_write);
	if (other)
		found(st, m, PAIR_UNGUARDED, other, a, now, world->order);
	if (m->found && !m->found->unguarded_by)
		m->found->unguarded_by = a->site.thread;
	else if (m->found && m->found->unguarded_by != a->site.thread)
		m->found->stays_shared = true;
}

/* The map is.  Whoever has taken it out of the others' reach, under the lock
   that they hold, needs none from then on. */
static void gone(struct map *m, uint32_t thread)
{
	if (m->found && !m->found->stays_shared &&
	    m->found->unguarded_by == thread)
		m->found->pairs[PAIR_UNGUARDED].count = 0;
}

/* Accesses after the first two that nothing orders may depend on these. */
static void compare(struct state *st, struct map *m, const struct access *a,
		    const struct instant *now, const struct world *world)
{
	const struct entry *other =
		history_conflict(&m->history, now, ORDER_ALL, a->is_write);

	if (other) {
		found(st, m, PAIR_UNORDERED, other, a, now, world->order);
		return;
	}
	if (!order_has_signals(world->order) || has_found(m, PAIR_BY_A_SIGNAL))
		return;
	other = history_conflict(&m->history, now, ORDER_NO_SIGNALS,
				 a->is_write);
	if (other)
		found(st, m, PAIR_BY_A_SIGNAL, other, a, now, world->order);
}

/* A call that has ended; `now` says what was known when it began. */
static void accessed(struct state *st, struct map *m, const struct access *a,
		     const struct instant *now, uint64_t key,
		     const struct world *world)
{
	uint32_t era = order_era(world->order);

	if (now->era != era || order_is_late(world->order, a->site.thread))
		return;
	if (m->era != era)
		restart(m, era);
	if (!history_is_of(&m->history, now->at.slot) || m->guards) {
		compare(st, m, a, now, world);
		pass_on(st, m, now);
		if (m->sharing == SHARED)
			guard(st, m, a, now, key, world);
	} else {
		m->sharing = OWNED;
		m->owner = now->at.slot;
		m->checked_news = now->news;
	}
	history_add(&m->history, a, now);
}

static bool is_write(const struct event *ev)
{
	return ev->op == CMSHIM_OP_MAP_WRITE || ev->op == CMSHIM_OP_MAP_FREE ||
	       (ev->op == CMSHIM_OP_MAP_ENTER && ev->flags & CMSHIM_WRITE);
}

/* An iterator is no key. */
static uint64_t key_of(const struct event *ev)
{
	return ev->op == CMSHIM_OP_MAP_NEXT || ev->flags & CMSHIM_ITERATOR
		       ? 0
		       : ev->key;
}

static inline struct access access_of(const struct state *st,
				      const struct event *ev,
				      const struct world *world)
{
	return (struct access){
		.site = site_of(ev, world),
		.number = ev->seq,
		.is_write = is_write(ev),
		.callback = callback_call(&st->callbacks[ev->thread]),
	};
}

/* NULL: it is none, or not watched. */
static struct map *map_at(const struct state *st, uint32_t object)
{
	uint32_t number = st->map_of[object];

	return number ? &st->maps[number] : NULL;
}

static void called(void *state, const struct event *ev,
		   const struct world *world)
{
	struct state *st = state;
	struct map *m = map_at(st, ev->object);
	struct access a;

	if (!m)
		return;
	a = access_of(st, ev, world);
	accessed(st, m, &a, order_now(world->order, ev->thread), key_of(ev),
		 world);
	if (ev->op == CMSHIM_OP_MAP_FREE)
		gone(m, ev->thread);
}

static void enter(struct state *st, const struct event *ev,
		  const struct world *world)
{
	struct access a = access_of(st, ev, world);
	struct map_call call = {
		.site = a.site,
		.map = ev->object,
		.is_write = a.is_write,
		.seq = a.number,
		.key = key_of(ev),
		.began = *order_now(world->order, ev->thread),
	};

	order_keep(&call.began);
	open_calls_push(&st->opens, &call);
}

/* It knew what it knew as it entered, and was done now. */
static void leave(struct state *st, struct map *m, const struct event *ev,
		  const struct world *world)
{
	struct map_call call;
	struct access a;

	if (!open_calls_take(&st->opens, ev->thread, ev->object, &call))
		return;
	a = (struct access){
		.site = call.site,
		.number = call.seq,
		.is_write = call.is_write,
		.callback = callback_call(&st->callbacks[ev->thread]),
	};
	call.began.at = order_now(world->order, ev->thread)->at;
	accessed(st, m, &a, &call.began, call.key, world);
	order_drop(world->order, &call.began);
}

static void soon(const void *state, const struct event *ev)
{
	const struct state *st = state;
	const struct map *m = &st->maps[st->map_of[ev->object]];

	fetch(m, sizeof(*m));
	if (m->guards) {
		fetch(m->guards, sizeof(*m->guards));
		fetch_start(m->guards->uses,
			    m->guards->room_uses * sizeof(*m->guards->uses));
	}
	fetch_start(m->history.seen,
		    m->history.room_seen * sizeof(*m->history.seen));
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;
	struct map *m = map_at(st, ev->object);

	if ((ev->op == CMSHIM_OP_ONCE_RAN || ev->op == CMSHIM_OP_ONCE_RETURN) &&
	    world->order)
		promises_event(st->promises, ev, world);
	if (!m) {
		callback_event(&st->callbacks[ev->thread], ev);
		return;
	}
	switch (ev->op) {
	case CMSHIM_OP_MAP_ENTER:
		enter(st, ev, world);
		break;
	case CMSHIM_OP_MAP_EXIT:
		leave(st, m, ev, world);
		break;
	case CMSHIM_OP_MAP_NEW:
		restart(m, order_era(world->order));
		break;
	case CMSHIM_OP_FREED:
		gone(m, ev->thread);
		break;
	}
}

/*
 * Calls that nothing orders are found without.  A map that is handed over by
 * way of a lock, and used by its new owner only, is no candidate: all programs
 * do so that wait for a flag under a mutex.
 */
static bool may_be_reached(const struct map *m)
{
	return !has_found(m, PAIR_UNORDERED) && has_found(m, PAIR_UNGUARDED);
}

static bool wants(void *state, const struct world *world)
{
	struct state *st = state;

	(void)world;
	for (size_t i = 1; i < st->n_maps; i++) {
		if (!may_be_reached(&st->maps[i]))
			continue;
		if (!st->reach)
			st->reach = race_reach_new(st->info, st->mem);
		race_reach_watch(st->reach, st->maps[i].object);
	}
	return st->reach;
}

static void event_again(void *state, const struct event *ev, struct reorder *r)
{
	struct state *st = state;

	race_reach_event(st->reach, ev, r);
}

static bool ask(void *state, struct reorder *r)
{
	struct state *st = state;

	return race_reach_ask(st->reach, r);
}

static void gave_up(void *state)
{
	struct state *st = state;

	race_reach_gave_up(st->reach);
}

static const struct second_time again = {
	.wants = wants,
	.event = event_again,
	.ask = ask,
	.gave_up = gave_up,
};

/* Returns whether there is any. */
static bool settle(const struct state *st, struct map_races *found)
{
	bool any = false;

	for (size_t i = 0; i < N_PAIR_KINDS; i++) {
		struct pair *p = &found->pairs[i];

		p->was_left = i == PAIR_UNORDERED && p->count &&
			      promises_tell(st->promises, p->at);
		any |= p->count != 0;
	}
	return any;
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;
	struct races *races = races_new();

	for (size_t i = 1; i < st->n_maps; i++) {
		struct map *m = &st->maps[i];

		if (m->found && settle(st, m->found)) {
			m->found->guards = m->guards;
			races_add(races, st->info, m->found);
		}
	}
	races_report(races, st->info, world, st->mem, out);
	races_free(races);
	if (st->reach) {
		race_reach_report(
			st->reach,
			unseen_doubt(world, order_has_futexes(world->order)),
			out);
		race_reach_free(st->reach);
	}
	for (size_t i = 1; i < st->n_maps; i++) {
		history_release(&st->maps[i].history);
		if (st->maps[i].guards)
			guards_release(st->maps[i].guards);
	}
	store_free(st->maps);
	promises_free(st->promises);
	open_calls_release(&st->opens);
}

static const struct hearing hears[] = {
	{ ANALYSIS_OP(CMSHIM_OP_MAP_READ) | ANALYSIS_OP(CMSHIM_OP_MAP_WRITE) |
		  ANALYSIS_OP(CMSHIM_OP_MAP_NEXT) |
		  ANALYSIS_OP(CMSHIM_OP_MAP_FREE),
	  called },
	{ .ops = 0 },
};

const struct analysis analysis_map_race = {
	.name = "map-race",
	.help = "calls on one map that nothing keeps apart",
	.rules = race_rules,
	.wants = ANALYSIS_MAP_CALLS | ANALYSIS_OP(CMSHIM_OP_MAP_NEW) |
		 ANALYSIS_OP(CMSHIM_OP_FREED) |
		 ANALYSIS_OP(CMSHIM_OP_ONCE_RAN) |
		 ANALYSIS_OP(CMSHIM_OP_ONCE_RETURN) |
		 ANALYSIS_OP(CMSHIM_OP_CALLBACK_ENTER) |
		 ANALYSIS_OP(CMSHIM_OP_CALLBACK_EXIT),
	.group = ANALYSIS_ORDERED,
	.begin = begin,
	.event = event,
	.hears = hears,
	.soon = soon,
	.again = &again,
	.finish = finish,
};

/* SPDX-License-Identifier: MIT */
/*
 * Overlap: two conflicting calls inside the same map at once, proved by the
 * numbers of the map's writes alone.  Neither clocks nor locks are asked.
 *
 *	a call (SEQ s, END e)		was inside when the writes s+1 ... e
 *					entered, whoever made them
 *	a read (SEQ s, OVERLAP)		entered while a write was inside: one
 *					of the numbers n <= s <= END of n
 *	  one of them has END > s	that one was: it outlived the entry of
 *					write s+1, which came after the read
 *	  else, if there is just one	that one was
 *	  else				one of several: said as such
 *
 * The merged stream follows one thread as long as it can, so a read may come
 * long before or after the writes it has to do with.  What is asked about
 * numbers that have not come waits, about old ones is looked up (writes.h).  A
 * partner without a record proves nothing: it is counted in the message only.
 *
 * Whatever is proved has to agree with what orders threads (order.h): if one
 * of the two is known to have ended before the other began, we are wrong.
 */
#include <stdlib.h>

#include "analysis.h"
#include "fetch.h"
#include "locks/threadset.h"
#include "maps/meetings.h"

struct map {
	struct meetings met;
	struct map_call *waiting; /* for numbers or for calls to end */
	size_t n_waiting, room_waiting;
	uint64_t wake_at; /* number that one of them waits for */
	uint64_t n_reads, n_writes;
	struct threadset threads;
	bool is_self_locked;
};

#define MAX_WAITING  1024u
#define WRITES_BYTES ((size_t)160 << 20)

struct state {
	struct arena *mem;
	const struct trace_info *info;
	uint32_t *map_of; /* object to index in maps; 0: not watched */
	struct map *maps;
	size_t n_maps, room_maps;
	struct open_calls opens;
	struct order *order; /* the world's */
	struct overlaps *found;
	struct allowance left; /* for the writes of all maps */
};

static void add_map(struct state *st, uint32_t object)
{
	const struct trace_info *info = st->info;
	uint32_t family = info->objects[object].family;

	st->maps =
		grow(st->maps, &st->room_maps, st->n_maps, sizeof(*st->maps));
	st->maps[st->n_maps] = (struct map){
		.met.object = object,
		.met.writes.left = &st->left,
		.wake_at = UINT64_MAX,
		.is_self_locked =
			info->families[family].discipline == CMSHIM_SELF_LOCKED,
	};
	st->map_of[object] = (uint32_t)st->n_maps++;
}

static void *begin(struct arena *mem, const struct trace_info *info)
{
	struct state *st = arena_alloc(mem, sizeof(*st));

	*st = (struct state){
		.mem = mem,
		.info = info,
		.map_of =
			arena_alloc(mem, info->n_objects * sizeof(*st->map_of)),
		.found = overlaps_new(),
		.n_maps = 1,
		.left.bytes = WRITES_BYTES,
	};
	open_calls_init(&st->opens, info->n_threads, info->n_objects, mem);
	st->maps = grow(NULL, &st->room_maps, 0, sizeof(*st->maps));
	for (uint32_t i = 1; i < info->n_objects; i++)
		if (info->objects[i].class == CMSHIM_MAP)
			add_map(st, i);
	return st;
}

/* NULL: it is none. */
static struct map *map_at(const struct state *st, uint32_t object)
{
	uint32_t number = st->map_of[object];

	return number ? &st->maps[number] : NULL;
}

/* The number that is to come before the query can be answered. */
static uint64_t needs(const struct map_call *q)
{
	return q->end > q->seq ? q->end : q->seq;
}

/* Whether an open write may turn out to have been met. */
static bool needs_open(const struct state *st, const struct map *map,
		       const struct map_call *q)
{
	const struct open_call *o = open_calls_of(&st->opens, map->met.object);

	for (; q->met_write && o; o = open_calls_next(&st->opens, o))
		if (o->call.is_write && o->call.seq <= q->seq)
			return true;
	return false;
}

static void ask(struct state *st, struct map *map, const struct map_call *q)
{
	if (q->end <= q->seq && !q->met_write)
		return;
	if (needs(q) <= map->met.writes.last && !needs_open(st, map, q)) {
		meetings_answer(&map->met, &st->opens, st->found, *q);
		return;
	}
	if (map->n_waiting == MAX_WAITING) {
		map->met.n_unproven++;
		return;
	}
	map->waiting = grow(map->waiting, &map->room_waiting, map->n_waiting,
			    sizeof(*map->waiting));
	map->waiting[map->n_waiting] = *q;
	order_keep(&map->waiting[map->n_waiting++].began);
	if (needs(q) < map->wake_at)
		map->wake_at = needs(q);
}

/* Answers what can be answered now. */
static void wake(struct state *st, struct map *map)
{
	size_t kept = 0;

	if (!map->n_waiting)
		return;
	map->wake_at = UINT64_MAX;
	for (size_t i = 0; i < map->n_waiting; i++) {
		struct map_call q = map->waiting[i];

		if (needs(&q) > map->met.writes.last) {
			if (needs(&q) < map->wake_at)
				map->wake_at = needs(&q);
		} else if (!needs_open(st, map, &q)) {
			meetings_answer(&map->met, &st->opens, st->found, q);
			order_drop(st->order, &q.began);
			continue;
		}
		map->waiting[kept++] = q;
	}
	map->n_waiting = kept;
}

/* A call that has ended waits for this write, which entered during it. */
static void compare_waiting(struct state *st, struct map *map,
			    const struct map_call *write,
			    const struct instant *now)
{
	for (size_t i = 0; i < map->n_waiting; i++) {
		const struct map_call *q = &map->waiting[i];

		if (write->seq > q->seq && write->seq <= q->end &&
		    q->site.thread != write->site.thread &&
		    instant_knew(now, &q->ended))
			overlaps_contradict(st->found, map->met.object,
					    map_call_part(q),
					    map_call_part(write));
	}
}

static void count_read(struct state *st, struct map *map,
		       const struct event *ev)
{
	threadset_add(&map->threads, ev->thread, st->info->n_threads, st->mem);
	map->n_reads++;
	/* It has been in its thread's life: see order.h. */
	order_now(st->order, ev->thread);
	if (!map->is_self_locked && map->wake_at <= map->met.writes.last)
		wake(st, map);
}

static void entered(struct state *st, struct map *map, const struct map_call *q,
		    const struct instant *now)
{
	threadset_add(&map->threads, q->site.thread, st->info->n_threads,
		      st->mem);
	if (!q->is_write) {
		map->n_reads++;
		return;
	}
	map->n_writes++;
	compare_waiting(st, map, q, now);
	writes_add(&map->met.writes, q->seq, &q->site, q->ended);
}

static void left(struct state *st, struct map *map, const struct map_call *q,
		 bool abandoned)
{
	if (q->is_write && (q->end > q->seq || abandoned))
		writes_ended(&map->met.writes,
			     &(struct long_write){ .number = q->seq,
						   .end = q->end,
						   .site = q->site,
						   .ended = q->ended,
						   .abandoned = abandoned });
	if (!abandoned)
		ask(st, map, q);
}

static struct ending ending_of(const struct instant *now)
{
	return (struct ending){ .at = now->at, .era = now->era };
}

static void map_exit(struct state *st, struct map *map, const struct event *ev)
{
	const struct instant *now = order_now(st->order, ev->thread);
	struct map_call q;

	if (!open_calls_take(&st->opens, ev->thread, ev->object, &q))
		return;

	if (ev->end > q.end)
		q.end = ev->end;
	q.ended = ending_of(now);
	left(st, map, &q, ev->flags & CMSHIM_ABANDONED);
	order_drop(st->order, &q.began);
	wake(st, map);
}

/* It is not known when the thread's calls ended, or whether they have. */
static void abandon(struct state *st, uint32_t thread, uint32_t object)
{
	struct map_call q;

	while (open_calls_take(&st->opens, thread, object, &q)) {
		struct map *map = &st->maps[st->map_of[q.map]];

		q.end = UINT64_MAX;
		left(st, map, &q, true);
		order_drop(st->order, &q.began);
		wake(st, map);
	}
}

static void gap(struct state *st, struct map *map)
{
	const struct open_call *o;

	while ((o = open_calls_of(&st->opens, map->met.object)) != NULL)
		abandon(st, o->call.site.thread, map->met.object);
	writes_gap(&map->met.writes);
}

/* A read that met no write, nor was met by one: it is only counted. */
static bool is_plain(const struct event *ev)
{
	return (ev->op == CMSHIM_OP_MAP_READ || ev->op == CMSHIM_OP_MAP_NEXT) &&
	       ev->end <= ev->seq && !(ev->flags & CMSHIM_OVERLAP);
}

static void enter_map(struct state *st, struct map *map, const struct event *ev,
		      const struct world *world)
{
	bool is_enter = ev->op == CMSHIM_OP_MAP_ENTER;
	struct map_call q = {
		.site = site_of(ev, world),
		.map = ev->object,
		.seq = ev->seq,
		.end = ev->end,
		.is_write = is_enter ? ev->flags & CMSHIM_WRITE
				     : ev->op == CMSHIM_OP_MAP_WRITE ||
					       ev->op == CMSHIM_OP_MAP_FREE,
		.is_inner = ev->flags & CMSHIM_INNER,
	};
	const struct instant *now = order_now(world->order, ev->thread);

	if (!is_enter)
		q.ended = ending_of(now);
	q.met_write = !q.is_write && ev->flags & CMSHIM_OVERLAP;
	if (q.met_write || is_enter || q.end > q.seq)
		q.began = *now;
	entered(st, map, &q, now);
	if (map->is_self_locked)
		return;

	if (is_enter) {
		order_keep(&q.began);
		open_calls_push(&st->opens, &q);
	} else {
		left(st, map, &q, ev->flags & CMSHIM_ABANDONED);
	}
	if (map->wake_at <= map->met.writes.last)
		wake(st, map);
}

static void soon(const void *state, const struct event *ev)
{
	const struct state *st = state;

	const struct map *m = &st->maps[st->map_of[ev->object]];
	const struct writes *w = &m->met.writes;

	fetch(m, sizeof(*m));
	if (w->n_runs)
		fetch(&w->runs[w->n_runs - 1],
		      (w->n_runs < w->room_runs ? 2 : 1) * sizeof(*w->runs));
}

static void called(void *state, const struct event *ev,
		   const struct world *world)
{
	struct state *st = state;
	struct map *map = map_at(st, ev->object);

	st->order = world->order;
	if (map && is_plain(ev))
		count_read(st, map, ev);
	else if (map)
		enter_map(st, map, ev, world);
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;
	struct map *map = map_at(st, ev->object);

	st->order = world->order;
	switch (ev->op) {
	case CMSHIM_OP_MAP_ENTER:
	case CMSHIM_OP_MAP_FREE:
		if (map)
			enter_map(st, map, ev, world);
		break;
	case CMSHIM_OP_MAP_EXIT:
		if (map)
			map_exit(st, map, ev);
		break;
	case EVENT_GAP:
		if (map)
			gap(st, map);
		break;
	case CMSHIM_OP_DROP:
		abandon(st, ev->thread, 0);
		break;
	}
}

/*
 * Calls still open were interrupted by the end of the process; but not if
 * their thread ended before, or went on unrecorded.
 */
static void close_all(struct state *st, const struct world *world)
{
	const struct open_call *o;
	bool stopped = st->info->header->state == CMSHIM_STOPPED;

	for (uint32_t i = 1; i < st->info->n_threads; i++)
		if (stopped || world->threads[i].exited)
			abandon(st, i, 0);

	for (size_t i = 1; i < st->n_maps; i++) {
		struct map *map = &st->maps[i];

		for (size_t j = 0; j < map->n_waiting; j++)
			meetings_answer(&map->met, &st->opens, st->found,
					map->waiting[j]);
		for (o = open_calls_of(&st->opens, map->met.object); o;
		     o = open_calls_next(&st->opens, o)) {
			struct map_call q = o->call;

			q.end = map->met.writes.last;
			meetings_answer(&map->met, &st->opens, st->found, q);
		}
	}
}

static void finish(void *state, const struct world *world, struct report *out)
{
	struct state *st = state;
	uint64_t *unproven =
		arena_alloc(st->mem, st->info->n_objects * sizeof(*unproven));

	close_all(st, world);
	for (size_t i = 1; i < st->n_maps; i++) {
		struct map *map = &st->maps[i];

		unproven[map->met.object] = map->met.n_unproven;
		report_add_map(out, &(struct map_usage){
					    .object = map->met.object,
					    .reads = map->n_reads,
					    .writes = map->n_writes,
					    .n_threads = map->threads.n,
					    .overlaps = map->met.n_overlaps,
				    });
		writes_release(&map->met.writes);
		store_free(map->waiting);
	}
	overlaps_report(st->found, world, unproven, st->mem, out);

	overlaps_free(st->found);
	store_free(st->maps);
	open_calls_release(&st->opens);
}

static const struct hearing hears[] = {
	{ ANALYSIS_OP(CMSHIM_OP_MAP_READ) | ANALYSIS_OP(CMSHIM_OP_MAP_WRITE) |
		  ANALYSIS_OP(CMSHIM_OP_MAP_NEXT),
	  called },
	{ .ops = 0 },
};

const struct analysis analysis_overlap = {
	.name = "overlap",
	.help = "calls on one map by two threads at the same time",
	.rules = overlap_rules,
	.wants = ANALYSIS_MAP_CALLS,
	.group = ANALYSIS_ORDERED,
	.lists_maps = true,
	.begin = begin,
	.event = event,
	.hears = hears,
	.soon = soon,
	.finish = finish,
};

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
 */
#include <stdlib.h>

#include "analysis.h"
#include "lockset.h"
#include "opencalls.h"
#include "overlaps.h"
#include "threadset.h"
#include "writes.h"

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

static const struct rule rules[] = {
	{
		.id = "map-race-overlap",
		.title = "Two threads were inside one map at once",
		.help = help,
		.level = LEVEL_ERROR,
		.unit = "count",
		.mistake = "map-race",
	},
	{ .id = NULL },
};

struct map {
	struct writes writes;
	struct map_call *waiting; /* for numbers or for calls to end */
	size_t n_waiting, room_waiting;
	uint64_t wake_at; /* number that one of them waits for */
	uint32_t object;
	uint64_t n_reads, n_writes, n_overlaps;
	uint64_t n_unproven; /* calls and writes whose partner is missing */
	struct threadset threads;
	bool is_self_locked;
};

#define MAX_WAITING 1024u

struct state {
	struct arena *mem;
	const struct trace_info *info;
	uint32_t *map_of; /* object to index in maps; 0: not watched */
	struct map *maps;
	size_t n_maps, room_maps;
	struct open_calls opens;
	struct overlaps *found;
};

static void add_map(struct state *st, uint32_t object)
{
	const struct trace_info *info = st->info;
	uint32_t family = info->objects[object].family;

	st->maps =
		grow(st->maps, &st->room_maps, st->n_maps, sizeof(*st->maps));
	st->maps[st->n_maps] = (struct map){
		.object = object,
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
	};
	open_calls_init(&st->opens, info->n_threads, info->n_objects, mem);
	st->maps = grow(NULL, &st->room_maps, 0, sizeof(*st->maps));
	for (uint32_t i = 1; i < info->n_objects; i++)
		if (info->objects[i].class == CMSHIM_MAP)
			add_map(st, i);
	return st;
}

static struct part part_of(const struct map_call *q)
{
	return (struct part){
		.site = q->site,
		.number = q->seq,
		.is_write = q->is_write,
	};
}

static void add_pair(struct state *st, struct map *map,
		     const struct map_call *q, const struct site *write,
		     uint64_t number, uint64_t count)
{
	map->n_overlaps += count;
	overlaps_add(st->found, map->object, part_of(q),
		     (struct part){ .site = *write,
				    .number = number,
				    .is_write = true },
		     count);
}

/* The writes that entered while the call was inside. */
static void pair_with_entered(struct state *st, struct map *map,
			      const struct map_call *q)
{
	const struct writes *w = &map->writes;
	uint64_t n = q->seq + 1;

	while (n <= q->end) {
		const struct run *run = writes_find(w, n);
		uint64_t past = q->end + 1;

		if (run && writes_run_end(w, run) < past)
			past = writes_run_end(w, run);
		else if (!run && w->n_runs && n < w->runs[0].first &&
			 w->runs[0].first < past)
			past = w->runs[0].first;

		if (!run || !run->site.thread)
			map->n_unproven += past - n;
		else if (run->site.thread != q->site.thread)
			add_pair(st, map, q, &run->site, n, past - n);
		n = past;
	}
}

/* A write other than number q->seq itself, or that one if it is long. */
static void consider(struct state *st, struct map *map,
		     const struct map_call *q, const struct long_write *l,
		     struct candidates *c)
{
	if (l->number > q->seq || l->end < q->seq)
		return;
	if (l->site.thread == q->site.thread)
		return;
	if (l->abandoned || !l->site.thread) {
		c->is_doubtful = true;
	} else if (l->end > q->seq) {
		add_pair(st, map, q, &l->site, l->number, 1);
		c->is_proved = true;
	} else {
		overlaps_consider(st->found, c, &l->site, l->number);
	}
}

static struct candidates candidates_of(struct state *st, struct map *map,
				       const struct map_call *q)
{
	const struct writes *w = &map->writes;
	const struct run *run = writes_find(w, q->seq);
	struct candidates c = { .n = 0 };

	for (size_t i = w->n_longs; i > 0; i--) {
		if (w->longs[i - 1].max_end < q->seq)
			break;
		consider(st, map, q, &w->longs[i - 1], &c);
	}
	/* At the end of the trace some may still be open. */
	for (const struct open_call *o = open_calls_of(&st->opens, map->object);
	     o; o = open_calls_next(&st->opens, o)) {
		const struct map_call *other = &o->call;

		if (other->is_write)
			consider(st, map, q,
				 &(struct long_write){ .number = other->seq,
						       .end = UINT64_MAX,
						       .site = other->site },
				 &c);
	}
	/*
	 * A write without a record may have been inside for long: its thread
	 * was killed in it.
	 */
	if (!run || !run->site.thread || w->dropped_end >= q->seq ||
	    (w->missing && w->missing <= q->seq))
		c.is_doubtful = true;
	else if (run->site.thread != q->site.thread)
		overlaps_consider(st->found, &c, &run->site, q->seq);
	return c;
}

/* The write that was inside when the read entered. */
static void pair_with_met(struct state *st, struct map *map,
			  const struct map_call *q)
{
	struct candidates c = candidates_of(st, map, q);

	if (c.is_proved)
		return;
	/* A write of its own may be what an inner call met. */
	if (c.is_doubtful || q->is_inner || !c.n) {
		map->n_unproven++;
	} else if (c.n == 1) {
		add_pair(st, map, q, &c.parts[0].site, c.parts[0].number, 1);
	} else {
		map->n_overlaps++;
		overlaps_add_one_of(st->found, map->object, part_of(q), &c);
	}
}

static void answer(struct state *st, struct map *map, struct map_call q)
{
	if (q.end > map->writes.last) {
		q.end = map->writes.last;
		map->n_unproven++;
	}
	pair_with_entered(st, map, &q);
	if (q.met_write)
		pair_with_met(st, map, &q);
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
	const struct open_call *o = open_calls_of(&st->opens, map->object);

	for (; q->met_write && o; o = open_calls_next(&st->opens, o))
		if (o->call.is_write && o->call.seq <= q->seq)
			return true;
	return false;
}

static void ask(struct state *st, struct map *map, const struct map_call *q)
{
	if (q->end <= q->seq && !q->met_write)
		return;
	if (needs(q) <= map->writes.last && !needs_open(st, map, q)) {
		answer(st, map, *q);
		return;
	}
	if (map->n_waiting == MAX_WAITING) {
		map->n_unproven++;
		return;
	}
	map->waiting = grow(map->waiting, &map->room_waiting, map->n_waiting,
			    sizeof(*map->waiting));
	map->waiting[map->n_waiting++] = *q;
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

		if (needs(&q) > map->writes.last) {
			if (needs(&q) < map->wake_at)
				map->wake_at = needs(&q);
		} else if (!needs_open(st, map, &q)) {
			answer(st, map, q);
			continue;
		}
		map->waiting[kept++] = q;
	}
	map->n_waiting = kept;
}

static void entered(struct state *st, struct map *map, const struct map_call *q)
{
	threadset_add(&map->threads, q->site.thread, st->info->n_threads,
		      st->mem);
	if (!q->is_write) {
		map->n_reads++;
		return;
	}
	map->n_writes++;
	writes_add(&map->writes, q->seq, &q->site);
}

static void left(struct state *st, struct map *map, const struct map_call *q,
		 bool abandoned)
{
	if (q->is_write && (q->end > q->seq || abandoned))
		writes_ended(&map->writes,
			     &(struct long_write){ .number = q->seq,
						   .end = q->end,
						   .site = q->site,
						   .abandoned = abandoned });
	if (!abandoned)
		ask(st, map, q);
}

static void map_exit(struct state *st, struct map *map, const struct event *ev)
{
	struct map_call q;

	if (!open_calls_take(&st->opens, ev->thread, ev->object, &q))
		return;

	if (ev->end > q.end)
		q.end = ev->end;
	left(st, map, &q, ev->flags & CMSHIM_ABANDONED);
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
		wake(st, map);
	}
}

static void gap(struct state *st, struct map *map)
{
	const struct open_call *o;

	while ((o = open_calls_of(&st->opens, map->object)) != NULL)
		abandon(st, o->call.site.thread, map->object);
	writes_gap(&map->writes);
}

static void enter_map(struct state *st, struct map *map, const struct event *ev,
		      const struct world *world)
{
	bool is_enter = ev->op == CMSHIM_OP_MAP_ENTER;
	struct map_call q = {
		.site = { .thread = ev->thread,
			  .call = ev->call,
			  .stack = ev->stack },
		.map = ev->object,
		.seq = ev->seq,
		.end = ev->end,
		.is_write = is_enter ? ev->flags & CMSHIM_WRITE
				     : ev->op == CMSHIM_OP_MAP_WRITE ||
					       ev->op == CMSHIM_OP_MAP_FREE,
		.is_inner = ev->flags & CMSHIM_INNER,
	};

	q.met_write = !q.is_write && ev->flags & CMSHIM_OVERLAP;
	if (q.is_write || q.met_write || is_enter || q.end > q.seq)
		q.site.lockset =
			locksets_number(world->locksets, world, ev->thread);
	entered(st, map, &q);
	if (map->is_self_locked)
		return;

	if (is_enter)
		open_calls_push(&st->opens, &q);
	else
		left(st, map, &q, ev->flags & CMSHIM_ABANDONED);
	if (map->wake_at <= map->writes.last)
		wake(st, map);
}

static void event(void *state, const struct event *ev,
		  const struct world *world)
{
	struct state *st = state;
	uint32_t number = st->map_of[ev->object];
	struct map *map = number ? &st->maps[number] : NULL;

	switch (ev->op) {
	case CMSHIM_OP_MAP_READ:
	case CMSHIM_OP_MAP_WRITE:
	case CMSHIM_OP_MAP_NEXT:
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
			answer(st, map, map->waiting[j]);
		for (o = open_calls_of(&st->opens, map->object); o;
		     o = open_calls_next(&st->opens, o)) {
			struct map_call q = o->call;

			q.end = map->writes.last;
			answer(st, map, q);
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

		unproven[map->object] = map->n_unproven;
		report_add_map(out, &(struct map_usage){
					    .object = map->object,
					    .reads = map->n_reads,
					    .writes = map->n_writes,
					    .n_threads = map->threads.n,
					    .overlaps = map->n_overlaps,
				    });
		writes_release(&map->writes);
		free(map->waiting);
	}
	overlaps_report(st->found, &rules[0], world->locksets, st->info,
			unproven, st->mem, out);

	overlaps_free(st->found);
	free(st->maps);
	open_calls_release(&st->opens);
}

const struct analysis analysis_overlap = {
	.name = "overlap",
	.help = "calls on one map by two threads at the same time",
	.rules = rules,
	.begin = begin,
	.event = event,
	.finish = finish,
};

/* SPDX-License-Identifier: MIT */
/*
 * A request is found again in a small cache by numbers that are at hand; all
 * else is done once for each different one.
 *
 * The locks of an order are a set: a path in a tree whose nodes are words in
 * ascending order, so that equal sets end at one node.
 */
#include "locks/asked.h"

#include <stdlib.h>

#include "store.h"
#include "world/kin.h"
#include "world/lockset.h"

/* A bound on memory: some 100 MB.  A thread makes a new moment with every
   thread that it creates or joins, and with every barrier. */
#define MAX_WHEN (1u << 21)

#define N_RECENT 8192u

/* Direct-mapped; phase 0: empty. */
struct recent {
	uint32_t lockset, stack, phase, flags;
	uint32_t word;
	uint32_t asking;
};

struct lock_set {
	uint32_t parent, word;
	uint32_t n;
	uint32_t *words; /* the arena's; made when first needed */
};

struct asked_tables {
	struct recent recent[N_RECENT];
	struct arena *mem;
	struct table *sets; /* (parent, word) to index */
	struct lock_set *all_sets;
	size_t n_sets, room_sets;
	uint32_t *set_of; /* by lockset number, plus 1; 0: not known */
	size_t n_set_of, room_set_of;
	struct table *orders;  /* (set, word) to index of orders[] */
	struct table *askings; /* (lockset, stack), (word, flags) to index */
	struct table *moments; /* (asking, phase) to 1 */
};

struct asked *asked_new(const struct trace_info *info)
{
	struct asked *a = zeroed(1, sizeof(*a));
	struct asked_tables *t = zeroed(1, sizeof(*t));

	*a = (struct asked){
		.info = info,
		.hard = hardorder_new(info),
		.inside = inside_new(info),
		.is_torn = zeroed(info->n_threads, sizeof(bool)),
		.writers = zeroed(info->n_objects, sizeof(*a->writers)),
		.n_orders = 1,
		.n_askings = 1,
		.n_when = 1,
		.tables = t,
	};
	a->orders = grow(NULL, &a->room_orders, 0, sizeof(*a->orders));
	a->lists = grow(NULL, &a->room_lists, 0, sizeof(*a->lists));
	a->askings = grow(NULL, &a->room_askings, 0, sizeof(*a->askings));
	a->when = grow(NULL, &a->room_when, 0, sizeof(*a->when));
	t->mem = arena_new();
	t->sets = table_new();
	t->all_sets = grow(NULL, &t->room_sets, 0, sizeof(*t->all_sets));
	t->n_sets = 1;
	t->orders = table_new();
	t->askings = table_new();
	t->moments = table_new();
	return a;
}

void asked_free(struct asked *a)
{
	struct asked_tables *t = a->tables;

	arena_free(t->mem);
	table_free(t->sets);
	table_free(t->orders);
	table_free(t->askings);
	table_free(t->moments);
	store_free(t->all_sets);
	store_free(t->set_of);
	store_free(t);
	hardorder_free(a->hard);
	inside_free(a->inside);
	store_free(a->is_torn);
	store_free(a->writers);
	store_free(a->orders);
	store_free(a->lists);
	store_free(a->askings);
	store_free(a->when);
	store_free(a);
}

static uint32_t set_with(struct asked_tables *t, uint32_t parent, uint32_t word)
{
	uint64_t *index = table_at(t->sets, parent, word);

	if (!*index) {
		t->all_sets = grow(t->all_sets, &t->room_sets, t->n_sets,
				   sizeof(*t->all_sets));
		t->all_sets[t->n_sets] = (struct lock_set){
			.parent = parent,
			.word = word,
			.n = t->all_sets[parent].n + 1,
		};
		*index = t->n_sets++;
	}
	return (uint32_t)*index;
}

static int compare_words(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* A lock that is held in both ways is held exclusively: the lower word. */
static uint32_t make_set(struct asked *a, const struct world_thread *thread)
{
	struct asked_tables *t = a->tables;
	uint32_t *words = arena_alloc(t->mem, thread->n_held * sizeof(*words));
	uint32_t set = 0, last = 0;
	size_t n = 0;

	for (size_t i = 0; i < thread->n_held; i++)
		if (kin_is_lock(a->info, thread->held[i].object))
			words[n++] = lock_word(thread->held[i].object,
					       thread->held[i].shared);
	qsort(words, n, sizeof(*words), compare_words);
	for (size_t i = 0; i < n; i++) {
		if (words[i] >> 1 != last >> 1)
			set = set_with(t, set, words[i]);
		last = words[i];
	}
	return set;
}

static uint32_t set_of(struct asked *a, uint32_t lockset,
		       const struct world_thread *thread)
{
	struct asked_tables *t = a->tables;

	while (t->n_set_of <= lockset) {
		t->set_of = grow(t->set_of, &t->room_set_of, t->n_set_of,
				 sizeof(*t->set_of));
		t->set_of[t->n_set_of++] = 0;
	}
	if (!t->set_of[lockset])
		t->set_of[lockset] = make_set(a, thread) + 1;
	return t->set_of[lockset] - 1;
}

static const uint32_t *words_of(struct asked_tables *t, uint32_t set)
{
	struct lock_set *s = &t->all_sets[set];

	if (!s->words) {
		s->words = arena_alloc(t->mem, s->n * sizeof(*s->words));
		for (uint32_t i = s->n; i > 0; i--) {
			s->words[i - 1] = t->all_sets[set].word;
			set = t->all_sets[set].parent;
		}
	}
	return s->words;
}

static uint32_t order_of(struct asked *a, uint32_t set, uint32_t word)
{
	struct asked_tables *t = a->tables;
	uint64_t *index = table_at(t->orders, set, word);

	if (!*index) {
		a->orders = grow(a->orders, &a->room_orders, a->n_orders,
				 sizeof(*a->orders));
		a->lists = grow(a->lists, &a->room_lists, a->n_orders,
				sizeof(*a->lists));
		a->lists[a->n_orders] = (struct asking_list){ .first = 0 };
		a->orders[a->n_orders] = (struct lock_order){
			.held = words_of(t, set),
			.n_held = t->all_sets[set].n,
			.asked = word,
		};
		*index = a->n_orders++;
	}
	return (uint32_t)*index;
}

/* 0: none of the locks held is of a kind that counts. */
static uint32_t asking_of(struct asked *a, const struct recent *key,
			  uint32_t call, const struct world_thread *thread)
{
	struct asked_tables *t = a->tables;
	uint64_t *index =
		table_at(t->askings, (uint64_t)key->lockset << 32 | key->stack,
			 (uint64_t)key->word << 32 | key->flags);
	uint32_t set, order;

	if (*index)
		return (uint32_t)*index;
	set = set_of(a, key->lockset, thread);
	if (!set)
		return 0;
	order = order_of(a, set, key->word);
	a->askings = grow(a->askings, &a->room_askings, a->n_askings,
			  sizeof(*a->askings));
	a->askings[a->n_askings] = (struct asking){
		.order = order,
		.lockset = key->lockset,
		.stack = key->stack,
		.call = call,
		.flags = key->flags,
	};
	*index = a->n_askings++;
	if (a->lists[order].last)
		a->askings[a->lists[order].last].next = (uint32_t)*index;
	else
		a->lists[order].first = (uint32_t)*index;
	a->lists[order].last = (uint32_t)*index;
	return (uint32_t)*index;
}

static void add_moment(struct asked *a, uint32_t index, struct moment now)
{
	struct asking *g = &a->askings[index];
	uint64_t *seen = table_at(a->tables->moments, index, now.phase);

	if (*seen)
		return;
	if (a->n_when > MAX_WHEN) {
		a->is_full = true;
		return;
	}
	*seen = 1;
	a->when = grow(a->when, &a->room_when, a->n_when, sizeof(*a->when));
	a->when[a->n_when] = (struct asked_when){ .moment = now };
	if (g->last)
		a->when[g->last].next = (uint32_t)a->n_when;
	else
		g->first = (uint32_t)a->n_when;
	g->last = (uint32_t)a->n_when++;
}

static bool is_same(const struct recent *x, const struct recent *y)
{
	return x->lockset == y->lockset && x->stack == y->stack &&
	       x->phase == y->phase && x->flags == y->flags &&
	       x->word == y->word;
}

static void asks(struct asked *a, const struct event *ev,
		 const struct world *world)
{
	struct moment now = hardorder_now(a->hard, ev->thread);
	struct recent key = {
		.lockset = locksets_number(world, ev->thread),
		.stack = ev->stack,
		.phase = now.phase,
		.flags = (ev->flags & CMSHIM_TIMED ? ASKING_TIMED : 0u) |
			 (a->is_torn[ev->thread] ? ASKING_TORN : 0u),
		.word = lock_word(ev->object, ev->shared),
	};
	uint64_t hash = ((uint64_t)key.lockset << 32 | key.stack) ^
			((uint64_t)key.word << 40 | key.phase) * 0x1000193u;
	struct recent *recent =
		&a->tables->recent[hash * 0x9e3779b97f4a7c15u >> 51];

	if (!is_same(recent, &key)) {
		key.asking = asking_of(a, &key, ev->call,
				       &world->threads[ev->thread]);
		if (!key.asking)
			return;
		add_moment(a, key.asking, now);
		*recent = key;
	}
	a->askings[recent->asking].count++;
}

static void note_writer(struct asked *a, const struct event *ev)
{
	uint32_t *writer = &a->writers[ev->object];

	if (ev->shared ||
	    !(a->info->objects[ev->object].kind & CMSHIM_PREFER_WRITER))
		return;
	if (*writer && *writer != ev->thread)
		*writer = SEVERAL_WRITERS;
	else
		*writer = ev->thread;
}

static void requested(struct asked *a, const struct event *ev,
		      const struct world *world)
{
	note_writer(a, ev);
	if (world->threads[ev->thread].n_held && !(ev->flags & CMSHIM_TRY) &&
	    kin_is_lock(a->info, ev->object) &&
	    !world_holds(world, ev->thread, ev->object))
		asks(a, ev, world);
}

void asked_acquired(struct asked *a, const struct event *ev,
		    const struct world *world)
{
	/* Else it was seen when it began to wait. */
	if (!ev->object || world->threads[ev->thread].waits_for != ev->object)
		requested(a, ev, world);
	inside_acquired(a->inside, a->hard, ev);
}

void asked_released(struct asked *a, const struct event *ev,
		    const struct world *world)
{
	inside_released(a->inside, a->hard, ev, world);
}

void asked_event(struct asked *a, const struct event *ev,
		 const struct world *world)
{
	switch (ev->op) {
	case CMSHIM_OP_REQUEST:
	case CMSHIM_OP_REQUEST_SHARED:
		requested(a, ev, world);
		return;
	case CMSHIM_OP_DROP:
		a->is_torn[ev->thread] = true;
		return;
	default:
		hardorder_event(a->hard, ev);
	}
	if (ev->op == CMSHIM_OP_CREATE)
		inside_made(a->inside, ev, world);
}

/* A reader of a lock that prefers writers waits as a writer does. */
static void queue_readers(struct asked *a)
{
	for (size_t i = 1; i < a->n_orders; i++) {
		struct lock_order *o = &a->orders[i];

		if (!(o->asked & 1) || !a->writers[o->asked >> 1])
			continue;
		o->asked = lock_word(o->asked >> 1, false);
		for (uint32_t g = a->lists[i].first; g; g = a->askings[g].next)
			a->askings[g].flags |= ASKING_QUEUED;
	}
}

/* Which thread asked, if it was one only. */
void asked_end(struct asked *a)
{
	queue_readers(a);
	for (size_t i = 1; i < a->n_orders; i++) {
		struct lock_order *o = &a->orders[i];
		bool is_first = true;

		for (uint32_t g = a->lists[i].first; g; g = a->askings[g].next)
			for (uint32_t w = a->askings[g].first; w;
			     w = a->when[w].next) {
				uint32_t by = a->when[w].moment.thread;

				if (is_first)
					o->only_thread = by;
				else if (o->only_thread != by)
					o->only_thread = 0;
				is_first = false;
			}
	}
}

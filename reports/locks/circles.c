/* SPDX-License-Identifier: MIT */
/*
 * Each circle of orders is tried at all the places where its orders were
 * seen, and there with all the moments, until some are found of which none
 * always comes before another.  Where there are none it is refuted.
 */
#include "locks/circles.h"

#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "world/kin.h"
#include "world/lockset.h"

/*
 * Bounds on the search: tries of a moment for one circle and in all, places
 * for one circle, and findings about the same locks and in all.
 */
#define TRIES_PER_CIRCLE (1u << 20)
#define TRIES_IN_ALL	 (1u << 26)
#define MAX_PLACES	 1024u
#define MAX_ALIKE	 16u
#define MAX_CIRCLES	 1000u

#define SEVERAL_THREADS UINT64_MAX

/* The circle that is being looked at. */
struct attempt {
	struct circle circle;
	uint64_t tries, places;
	bool is_real;
};

uint32_t circle_asks(const struct circles *all, const struct circle *c,
		     size_t i)
{
	return all->asked->orders[c->orders[i % c->n]].asked >> 1;
}

/* Which of its locks the one before on the circle wants. */
uint32_t circle_holds(const struct circles *all, const struct circle *c,
		      size_t i)
{
	return circle_asks(all, c, i + c->n - 1);
}

const struct lock_list *circles_locks(struct circles *all, uint32_t asking)
{
	struct lock_list *list = &all->held[asking];

	if (!list->locks)
		list->locks = locksets_list(all->world->locksets,
					    all->asked->askings[asking].lockset,
					    all->mem, &list->n);
	return list;
}

static uint32_t held_stack(struct circles *all, const struct circle *c,
			   size_t i)
{
	const struct lock_list *list = circles_locks(all, c->askings[i]);
	uint32_t lock = circle_holds(all, c, i);

	for (size_t k = 0; k < list->n; k++)
		if (list->locks[k].object == lock)
			return list->locks[k].stack;
	return 0;
}

/* Whether what was seen at the lock's address may have been two locks. */
bool circles_is_doubtful(const struct circles *all, uint32_t lock)
{
	const struct object_info *o = &all->info->objects[lock];

	return o->address && !(o->kind & CMSHIM_SEEN_INIT) &&
	       !kin_is_variable(all->info, lock);
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0xff51afd7ed558ccdu;
	return hash ^ hash >> 29;
}

/*
 * A key of the circle that is the same wherever it begins: the least of those
 * of its turns.  Of the locks alone, or of the places as well.
 */
static uint64_t key_of(struct circles *all, const struct circle *c,
		       bool with_places, uint64_t seed)
{
	uint64_t least = UINT64_MAX, parts[LOCKGRAPH_LONG];

	for (size_t i = 0; i < c->n; i++) {
		parts[i] = mix(seed, kin_of(all->info, circle_asks(all, c, i)));
		parts[i] = mix(parts[i],
			       kin_of(all->info, circle_holds(all, c, i)));
		if (!with_places)
			continue;
		parts[i] = mix(parts[i], held_stack(all, c, i));
		parts[i] =
			mix(parts[i], all->asked->askings[c->askings[i]].stack);
	}
	for (size_t turn = 0; turn < c->n; turn++) {
		uint64_t key = c->n;

		for (size_t i = 0; i < c->n; i++)
			key = mix(key, parts[(turn + i) % c->n]);
		if (key < least)
			least = key;
	}
	return least;
}

static uint64_t count_of(const struct circles *all, const struct circle *c)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < c->n; i++)
		if (all->asked->askings[c->askings[i]].count < least)
			least = all->asked->askings[c->askings[i]].count;
	return least;
}

/* Different threads at moments that nothing orders; depth first. */
static bool find_moments(struct circles *all, struct attempt *at, size_t depth)
{
	const struct asked *a = all->asked;
	struct circle *c = &at->circle;
	uint32_t w;

	if (depth == c->n)
		return true;
	for (w = a->askings[c->askings[depth]].first; w; w = a->when[w].next) {
		size_t i = 0;

		if (++at->tries > TRIES_PER_CIRCLE) {
			all->gave_up = true;
			return false;
		}
		c->moments[depth] = a->when[w].moment;
		while (i < depth &&
		       !hardorder_are_ordered(a->hard, &c->moments[i],
					      &c->moments[depth]))
			i++;
		if (i == depth && find_moments(all, at, depth + 1))
			return true;
	}
	return false;
}

/* Of many findings about the same locks the first few are kept. */
static void add_circle(struct circles *all, const struct circle *c,
		       uint64_t *index)
{
	uint64_t *alike =
		table_at(all->alike, key_of(all, c, false, 1), c->is_own);

	if (!*index && *alike && all->all[*alike - 1].n_alike >= MAX_ALIKE) {
		*index = *alike;
	} else if (!*index && all->n == MAX_CIRCLES) {
		all->gave_up = true;
		return;
	} else if (!*index) {
		all->all =
			grow(all->all, &all->room, all->n, sizeof(*all->all));
		all->all[all->n] = *c;
		*index = ++all->n;
		if (*alike)
			all->all[*alike - 1].n_alike++;
		else
			*alike = *index;
	}
	all->all[*index - 1].count += count_of(all, c);
}

/* Who asks to read waits for a writer that is none of the circle's. */
static bool has_writers(const struct circles *all, const struct circle *c)
{
	for (size_t i = 0; i < c->n; i++) {
		uint32_t writer = all->asked->writers[circle_asks(all, c, i)];

		if (!(all->asked->askings[c->askings[i]].flags & ASKING_QUEUED))
			continue;
		for (size_t k = 0; k < c->n; k++)
			if (c->moments[k].thread == writer)
				return false;
	}
	return true;
}

/* All places are chosen: is it real, and is it new? */
static void judge(struct circles *all, struct attempt *at)
{
	const struct circle *c = &at->circle;
	uint64_t *index = table_at(all->known, key_of(all, c, true, 1),
				   key_of(all, c, true, 2));

	if (*index || (find_moments(all, at, 0) && has_writers(all, c))) {
		add_circle(all, c, index);
		at->is_real = true;
	}
}

static bool has_had_enough(struct circles *all, const struct attempt *at)
{
	if (at->circle.n > LOCKGRAPH_SHORT && at->is_real)
		return true;
	if (at->places < MAX_PLACES && at->tries <= TRIES_PER_CIRCLE &&
	    all->tries <= TRIES_IN_ALL)
		return false;
	all->gave_up |= !at->is_real;
	return true;
}

static void choose_places(struct circles *all, struct attempt *at, size_t depth)
{
	const struct asked *a = all->asked;
	struct circle *c = &at->circle;
	uint32_t g;

	if (depth == c->n) {
		at->places++;
		judge(all, at);
		return;
	}
	for (g = a->lists[c->orders[depth]].first; g; g = a->askings[g].next) {
		if (has_had_enough(all, at))
			return;
		c->askings[depth] = g;
		choose_places(all, at, depth + 1);
	}
}

/* Nobody but this thread has taken both locks, in whatever order. */
static bool is_alone(const struct circles *all, uint32_t a, uint32_t b,
		     uint32_t thread)
{
	return *table_find(all->threads, a, b) == thread &&
	       *table_find(all->threads, b, a) == thread;
}

static void judge_own(struct circles *all, struct circle *c, uint32_t thread)
{
	uint32_t a = circle_asks(all, c, 0), b = circle_asks(all, c, 1);

	if (!is_alone(all, a, b, thread) || circles_is_doubtful(all, a) ||
	    circles_is_doubtful(all, b))
		return;
	c->is_own = true;
	for (size_t i = 0; i < 2; i++) {
		c->askings[i] = all->asked->lists[c->orders[i]].first;
		c->moments[i].thread = thread;
	}
	add_circle(all, c,
		   table_at(all->known, key_of(all, c, true, 3),
			    key_of(all, c, true, 4)));
}

static bool look_at(void *with, const uint32_t *orders, size_t n)
{
	struct circles *all = with;
	struct attempt at = { .circle = { .n = n } };
	uint32_t thread = all->asked->orders[orders[0]].only_thread;

	memcpy(at.circle.orders, orders, n * sizeof(*orders));
	if (thread && all->asked->orders[orders[1]].only_thread == thread) {
		judge_own(all, &at.circle, thread);
		return false;
	}
	choose_places(all, &at, 0);
	all->tries += at.tries + at.places;
	return at.is_real;
}

static void list_threads(struct circles *all)
{
	for (size_t i = 1; i < all->asked->n_orders; i++) {
		const struct lock_order *o = &all->asked->orders[i];
		uint32_t by = o->only_thread;

		for (uint32_t k = 0; k < o->n_held; k++) {
			uint64_t *thread = table_at(
				all->threads, o->held[k] >> 1, o->asked >> 1);

			if (!by || (*thread && *thread != by))
				*thread = SEVERAL_THREADS;
			else
				*thread = by;
		}
	}
}

struct circles *circles_find(struct asked *asked, const struct world *world,
			     struct arena *mem)
{
	struct circles *all = arena_alloc(mem, sizeof(*all));

	*all = (struct circles){
		.mem = mem,
		.info = asked->info,
		.asked = asked,
		.world = world,
		.threads = table_new(),
		.known = table_new(),
		.alike = table_new(),
	};
	asked_end(asked);
	all->held = zeroed(asked->n_askings, sizeof(*all->held));
	list_threads(all);
	if (!lockgraph_search(asked->orders, asked->n_orders,
			      asked->info->n_objects, look_at, all) ||
	    asked->is_full)
		all->gave_up = true;
	return all;
}

void circles_free(struct circles *all)
{
	store_free(all->held);
	store_free(all->all);
	table_free(all->threads);
	table_free(all->known);
	table_free(all->alike);
}

/* SPDX-License-Identifier: MIT */
/*
 * Clocks have room for a whole number of cache lines, and those that are
 * given up wait in a list by size: a busy lock makes and gives up a clock at
 * every turn.
 */
#include "world/vclock.h"

#include <string.h>

#include "store.h"

enum {
	HEAD = sizeof(struct vclock) / sizeof(uint32_t),
	LINE = 64 / sizeof(uint32_t),
	SMALL = 64, /* lines; more are rounded up to a power of two */
	N_SIZES = SMALL + 32,
};

struct vclock_pool {
	struct arena *mem;
	struct vclock *free[N_SIZES]; /* linked by the counts */
};

struct vclock_pool *vclock_pool_new(void)
{
	struct arena *mem = arena_new();
	struct vclock_pool *pool = arena_alloc(mem, sizeof(*pool));

	pool->mem = mem;
	return pool;
}

void vclock_pool_free(struct vclock_pool *pool)
{
	if (pool)
		arena_free(pool->mem);
}

/* Which list a clock of n counts belongs to, and how many have room in it. */
static size_t size_of(uint32_t n, size_t *room)
{
	size_t lines = ((size_t)n + HEAD + LINE - 1) / LINE;
	size_t size = lines;

	if (lines >= SMALL)
		for (size = SMALL, lines = SMALL;
		     lines * LINE < n + (size_t)HEAD; size++)
			lines *= 2;
	*room = lines * LINE - HEAD;
	return size;
}

static size_t room_of(const struct vclock *clock)
{
	size_t room;

	size_of(clock->n, &room);
	return room;
}

static struct vclock *clock_new(struct vclock_pool *pool, uint32_t n)
{
	size_t room;
	struct vclock **list = &pool->free[size_of(n, &room)];
	struct vclock *clock = *list;

	/* The link stands where the counts are. */
	if (clock)
		memcpy(list, clock->counts, sizeof(*list));
	else
		clock = arena_alloc(pool->mem,
				    (room + HEAD) * sizeof(uint32_t));
	clock->refs = 1;
	clock->n = n;
	return clock;
}

void vclock_drop(struct vclock_pool *pool, struct vclock **clock)
{
	struct vclock *c = *clock;
	struct vclock **list;
	size_t room;

	*clock = NULL;
	if (!c || --c->refs)
		return;
	list = &pool->free[size_of(c->n, &room)];
	memcpy(c->counts, list, sizeof(*list));
	*list = c;
}

bool vclock_covers(const struct vclock *clock, const struct vclock *other)
{
	if (!other || clock == other)
		return true;
	for (uint32_t i = 0; i < other->n; i++)
		if (other->counts[i] > vclock_at(clock, i))
			return false;
	return true;
}

static void raise_all(uint32_t *to, const uint32_t *from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = from[i] > to[i] ? from[i] : to[i];
}

/* *clock becomes one that nobody shares, n long at least. */
static struct vclock *own_clock(struct vclock_pool *pool, struct vclock **clock,
				uint32_t n)
{
	struct vclock *old = *clock;
	uint32_t n_old = old ? old->n : 0;
	struct vclock *new = old;

	if (n < n_old)
		n = n_old;
	if (!old || old->refs > 1 || n > room_of(old)) {
		new = clock_new(pool, n);
		if (old)
			memcpy(new->counts, old->counts,
			       n_old * sizeof(*new->counts));
		vclock_drop(pool, clock);
	}
	memset(new->counts + n_old, 0, (n - n_old) * sizeof(*new->counts));
	new->n = n;
	*clock = new;
	return new;
}

void vclock_learn(struct vclock_pool *pool, struct vclock **clock,
		  struct vclock *other, uint32_t slot, uint32_t count)
{
	bool raises = vclock_at(*clock, slot) < count;
	uint32_t n = raises ? slot + 1 : 0;
	struct vclock *own;

	if (other == *clock)
		other = NULL;
	if (!*clock && other) {
		*clock = vclock_keep(other);
		raises = vclock_at(other, slot) < count;
		other = NULL;
	}
	if (!other && !raises)
		return;
	if (other && other->n > n)
		n = other->n;
	own = own_clock(pool, clock, n);
	if (other)
		raise_all(own->counts, other->counts, other->n);
	if (raises && own->counts[slot] < count)
		own->counts[slot] = count;
}

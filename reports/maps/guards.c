/* SPDX-License-Identifier: MIT */
/*
 * The common case is an access from a place seen before with locks seen
 * before: the place is found by a hash next to its count, and the candidates,
 * one or two locks, are looked for in the few that the thread holds.
 */
#include "maps/guards.h"

#include <stdlib.h>

void guards_release(struct guards *g)
{
	store_free(g->uses);
	store_free(g->examples);
	store_free(g->keys);
	*g = (struct guards){ .n_uses = 0 };
}

void guards_begin(struct guards *g)
{
	g->n_candidates = 0;
	g->is_begun = false;
	g->is_unsure = false;
	g->slot = 0;
	g->is_written = false;
	g->has_guard = false;
	g->narrowed_by[0] = g->narrowed_by[1] = 0;
}

/*
 * Two places of one map with the same hash are counted as one: of 64 places
 * that happens once in two million maps.
 */
static uint32_t hash_of(const struct access *a)
{
	uint64_t hash = ((uint64_t)a->site.stack << 32 | a->site.lockset) *
			0x9e3779b97f4a7c15u;

	hash ^= hash >> 29;
	hash = (hash + (a->site.call << 1 | a->is_write)) * 0xff51afd7ed558ccdu;
	return (uint32_t)(hash >> 32);
}

static void count_use(struct guards *g, const struct access *a)
{
	uint32_t hash = hash_of(a);
	uint32_t i = 0;

	while (i < g->n_uses && g->uses[i].hash != hash)
		i++;
	if (i == MAX_USES) {
		g->n_more++;
		return;
	}
	if (i == g->n_uses) {
		g->uses = grow(g->uses, &g->room_uses, i, sizeof(*g->uses));
		g->examples = grow(g->examples, &g->room_examples, i,
				   sizeof(*g->examples));
		g->examples[i] = *a;
		g->uses[i].hash = hash;
		g->n_uses++;
	}
	g->uses[i].n += g->uses[i].n != UINT32_MAX;
}

static void add_candidate(struct guards *g, const struct held *h, bool is_write)
{
	for (uint32_t i = 0; i < g->n_candidates; i++) {
		struct candidate *c = &g->candidates[i];

		if (c->lock == h->object) {
			c->is_guard |= !h->shared;
			return;
		}
	}
	if (g->n_candidates == MAX_CANDIDATE_LOCKS) {
		g->is_unsure = true;
		return;
	}
	g->candidates[g->n_candidates++] = (struct candidate){
		.lock = h->object,
		.is_guard = !is_write || !h->shared,
	};
}

enum holding { NOT_HELD, HELD_SHARED, HELD_EXCLUSIVELY };

static enum holding how_held(const struct world_thread *t, uint32_t lock)
{
	enum holding how = NOT_HELD;

	for (size_t i = 0; i < t->n_held; i++)
		if (t->held[i].object == lock) {
			if (!t->held[i].shared)
				return HELD_EXCLUSIVELY;
			how = HELD_SHARED;
		}
	return how;
}

static void narrow(struct guards *g, const struct world_thread *t,
		   bool is_write)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < g->n_candidates; i++) {
		struct candidate c = g->candidates[i];
		enum holding how = how_held(t, c.lock);

		if (how == NOT_HELD)
			continue;
		c.is_guard &= !is_write || how == HELD_EXCLUSIVELY;
		g->candidates[kept++] = c;
	}
	g->n_candidates = kept;
}

static void refine(struct guards *g, const struct world_thread *t,
		   uint32_t lockset, bool is_write)
{
	if (g->narrowed_by[is_write] == lockset + 1)
		return;
	g->narrowed_by[is_write] = lockset + 1;
	if (g->is_begun)
		narrow(g, t, is_write);
	else
		for (size_t i = 0; i < t->n_held; i++)
			add_candidate(g, &t->held[i], is_write);
	g->is_begun = true;
	g->has_guard = false;
	for (uint32_t i = 0; i < g->n_candidates; i++)
		g->has_guard |= g->candidates[i].is_guard;
}

/* The key's place, or a free one; NULL: neither is there. */
static struct key_guard *place_of(struct key_guard *keys, size_t room,
				  uint64_t key)
{
	size_t i = (key * 0x9e3779b97f4a7c15u) >> 58;

	for (size_t n = 0; n < room; n++) {
		struct key_guard *k = &keys[(i + n) & (room - 1)];

		if (!k->key || k->key == key)
			return k;
	}
	return NULL;
}

/* Most maps of a million have few keys. */
static void more_keys(struct guards *g)
{
	uint32_t room = g->room_keys ? 2 * g->room_keys : FIRST_KEYS;
	struct key_guard *keys = zeroed(room, sizeof(*keys));

	for (uint32_t i = 0; i < g->room_keys; i++)
		*place_of(keys, room, g->keys[i].key) = g->keys[i];
	store_free(g->keys);
	g->keys = keys;
	g->room_keys = room;
}

/* NULL: there are too many. */
static struct key_guard *key_at(struct guards *g, uint64_t key)
{
	struct key_guard *k = place_of(g->keys, g->room_keys, key);

	if (!k && g->room_keys < MAX_KEYS) {
		more_keys(g);
		k = place_of(g->keys, g->room_keys, key);
	}
	return k;
}

static void drop_keys(struct guards *g)
{
	g->is_not_by_key = true;
	store_free(g->keys);
	g->keys = NULL;
	g->room_keys = 0;
}

static void refine_key(struct guards *g, const struct world_thread *t,
		       uint64_t key, bool is_write)
{
	struct key_guard *k = key ? key_at(g, key) : NULL;
	uint32_t kept = 0;

	if (key && !k)
		return;
	if (k && !k->key)
		for (size_t i = 0; i < t->n_held && k->n_locks < 4; i++)
			if (!is_write || !t->held[i].shared)
				k->locks[k->n_locks++] = t->held[i].object;
	for (uint32_t i = 0; k && i < k->n_locks; i++)
		if (how_held(t, k->locks[i]) >
		    (is_write ? HELD_SHARED : NOT_HELD))
			k->locks[kept++] = k->locks[i];
	if (!kept) {
		drop_keys(g);
		return;
	}
	k->key = key;
	k->n++;
	k->n_locks = kept;
}

void guards_use(struct guards *g, const struct access *access, uint32_t slot,
		uint64_t key, const struct world *world)
{
	uint32_t thread = access->site.thread;
	const struct world_thread *t = &world->threads[thread];

	count_use(g, access);
	if (!g->is_begun)
		g->slot = slot;
	else if (g->slot != slot)
		g->slot = 0;
	g->is_written |= access->is_write;
	/* Not the access's: of one with an end that is what was held before. */
	refine(g, t, locksets_number(world, thread), access->is_write);
	if (!g->has_guard && !g->is_not_by_key)
		refine_key(g, t, key, access->is_write);
}

bool guards_are_missing(const struct guards *g)
{
	return g->is_begun && !g->is_unsure && !g->slot && g->is_written &&
	       !g->has_guard;
}

bool guards_are_shared(const struct guards *g)
{
	return g->n_candidates && !g->has_guard;
}

/* Two accesses of each key on average: less says nothing. */
bool guards_are_by_key(const struct guards *g)
{
	uint32_t lock = 0;
	uint64_t n = 0, n_keys = 0;
	bool differ = false;

	if (!g->keys)
		return false;
	for (size_t i = 0; i < g->room_keys; i++) {
		const struct key_guard *k = &g->keys[i];

		if (!k->key)
			continue;
		differ |= lock && k->locks[0] != lock;
		lock = k->locks[0];
		n_keys++;
		n += k->n;
	}
	return differ && n >= 2 * n_keys;
}

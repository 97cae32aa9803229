/* SPDX-License-Identifier: MIT */
/*
 * The common case is an access from a place seen before with locks seen
 * before: it is counted through a small cache, and the candidates, one or two
 * locks, are looked for in the few that the thread holds.
 */
#include "guards.h"

#include <stdlib.h>

enum { N_RECENT = 4096 };

struct recent {
	uint32_t map, call, stack, lockset;
	uint32_t use; /* plus 1; 0: empty */
	bool is_write;
};

struct recent_uses {
	struct recent all[N_RECENT];
};

struct recent_uses *recent_uses_new(struct arena *mem)
{
	return arena_alloc(mem, sizeof(struct recent_uses));
}

void guards_release(struct guards *g)
{
	free(g->uses);
	free(g->keys);
	*g = (struct guards){ .n_uses = 0 };
}

void guards_begin(struct guards *g)
{
	g->n_candidates = 0;
	g->is_begun = false;
	g->is_unsure = false;
	g->slot = 0;
	g->is_written = false;
}

static bool is_place(const struct use *u, const struct access *a)
{
	const struct site *x = &u->example.site, *y = &a->site;

	return x->stack == y->stack && x->call == y->call &&
	       x->lockset == y->lockset && u->example.is_write == a->is_write;
}

/* The index of the place, plus 1; MAX_USES + 1 if it is not kept. */
static uint32_t find_use(struct guards *g, const struct access *a)
{
	for (size_t i = 0; i < g->n_uses; i++)
		if (is_place(&g->uses[i], a))
			return (uint32_t)i + 1;
	if (g->n_uses == MAX_USES)
		return MAX_USES + 1;
	g->uses = grow(g->uses, &g->room_uses, g->n_uses, sizeof(*g->uses));
	g->uses[g->n_uses] = (struct use){ .example = *a };
	return (uint32_t)++g->n_uses;
}

static void count_use(struct guards *g, struct recent_uses *recent,
		      uint32_t map, const struct access *a)
{
	uint64_t hash = (((uint64_t)a->site.stack << 32 | a->site.lockset) ^
			 (uint64_t)map << 17 ^ a->is_write) *
			0x9e3779b97f4a7c15u;
	struct recent *r = &recent->all[hash >> 52];

	if (!r->use || r->map != map || r->stack != a->site.stack ||
	    r->lockset != a->site.lockset || r->call != a->site.call ||
	    r->is_write != a->is_write)
		*r = (struct recent){
			.map = map,
			.call = a->site.call,
			.stack = a->site.stack,
			.lockset = a->site.lockset,
			.use = find_use(g, a),
			.is_write = a->is_write,
		};
	if (r->use > MAX_USES)
		g->n_more++;
	else
		g->uses[r->use - 1].n++;
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

static void refine(struct guards *g, const struct world_thread *t,
		   bool is_write)
{
	uint32_t kept = 0;

	if (!g->is_begun) {
		g->is_begun = true;
		for (size_t i = 0; i < t->n_held; i++)
			add_candidate(g, &t->held[i], is_write);
		return;
	}
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

static bool has_guard(const struct guards *g)
{
	for (uint32_t i = 0; i < g->n_candidates; i++)
		if (g->candidates[i].is_guard)
			return true;
	return false;
}

static struct key_guard *key_at(struct guards *g, uint64_t key)
{
	size_t room = 0;
	size_t i = (key * 0x9e3779b97f4a7c15u) >> 58;

	if (!g->keys)
		g->keys = grow(NULL, &room, MAX_KEYS - 1, sizeof(*g->keys));
	for (size_t n = 0; n < MAX_KEYS; n++, i = (i + 1) % MAX_KEYS)
		if (!g->keys[i].key || g->keys[i].key == key)
			return &g->keys[i];
	return NULL;
}

static void refine_key(struct guards *g, const struct world_thread *t,
		       uint64_t key, bool is_write)
{
	struct key_guard *k = key ? key_at(g, key) : NULL;
	uint32_t kept = 0;

	g->n_without_key += !key;
	if (!k)
		return;
	if (!k->key)
		for (size_t i = 0; i < t->n_held && k->n_locks < 4; i++)
			if (!is_write || !t->held[i].shared)
				k->locks[k->n_locks++] = t->held[i].object;
	k->key = key;
	k->n++;
	for (uint32_t i = 0; i < k->n_locks; i++)
		if (how_held(t, k->locks[i]) >
		    (is_write ? HELD_SHARED : NOT_HELD))
			k->locks[kept++] = k->locks[i];
	k->n_locks = kept;
}

void guards_use(struct guards *g, struct recent_uses *recent, uint32_t map,
		const struct access *access, uint32_t slot, uint64_t key,
		const struct world *world)
{
	const struct world_thread *t = &world->threads[access->site.thread];

	count_use(g, recent, map, access);
	if (!g->is_begun)
		g->slot = slot;
	else if (g->slot != slot)
		g->slot = 0;
	g->is_written |= access->is_write;
	refine(g, t, access->is_write);
	if (!has_guard(g))
		refine_key(g, t, key, access->is_write);
}

bool guards_are_missing(const struct guards *g)
{
	return g->is_begun && !g->is_unsure && !g->slot && g->is_written &&
	       !has_guard(g);
}

bool guards_are_shared(const struct guards *g)
{
	return g->n_candidates && !has_guard(g);
}

/* Two accesses of each key on average: less says nothing. */
bool guards_are_by_key(const struct guards *g)
{
	uint32_t lock = 0;
	uint64_t n = 0, n_keys = 0;
	bool differ = false;

	if (!g->keys || g->n_without_key)
		return false;
	for (size_t i = 0; i < MAX_KEYS; i++) {
		const struct key_guard *k = &g->keys[i];

		if (!k->key)
			continue;
		if (!k->n_locks)
			return false;
		differ |= lock && k->locks[0] != lock;
		lock = k->locks[0];
		n_keys++;
		n += k->n;
	}
	return differ && n >= 2 * n_keys;
}

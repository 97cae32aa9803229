/* SPDX-License-Identifier: MIT */
/* See circle_fold.h. */
#include "locks/circle_fold.h"

#include <stdlib.h>

#include "store.h"
#include "world/kin.h"

enum { FEWEST = 3 }; /* locks; of two locks each pair of places is to be told */

uint32_t circle_doubts(const struct circles *all, const struct circle *c,
		       bool *may_be_others)
{
	uint32_t flags = 0;

	*may_be_others = false;
	for (size_t i = 0; i < c->n; i++) {
		flags |= all->asked->askings[c->askings[i]].flags;
		*may_be_others |=
			circles_is_doubtful(all, circle_asks(all, c, i));
	}
	return flags;
}

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Of a set of numbers; equal ones count once.  Sorts them. */
static uint64_t hash_of(uint64_t *numbers, size_t n, uint64_t seed)
{
	uint64_t hash = seed;

	qsort(numbers, n, sizeof(*numbers), compare_numbers);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || numbers[i] != numbers[i - 1]) {
			hash = (hash ^ numbers[i]) * 0xff51afd7ed558ccdu;
			hash ^= hash >> 29;
		}
	return hash;
}

/* Circles of one mistake are a tree; its root is the one with itself above. */
static uint32_t root_of(uint32_t *above, uint32_t i)
{
	while (above[i] != i)
		i = above[i] = above[above[i]];
	return i;
}

static void join(uint32_t *above, uint32_t i, uint64_t *first)
{
	if (!*first)
		*first = (uint64_t)i + 1;
	above[root_of(above, i)] = root_of(above, (uint32_t)(*first - 1));
}

/* They are known: of a trace without stacks all would be the same. */
static bool has_places(const struct circles *all, const struct circle *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (!all->asked->askings[c->askings[i]].stack)
			return false;
	return true;
}

static void join_alike(const struct circles *all, uint32_t *above)
{
	struct table *seen = table_new();

	for (uint32_t i = 0; i < all->n; i++) {
		const struct circle *c = &all->all[i];
		uint64_t locks[LOCKGRAPH_LONG], places[LOCKGRAPH_LONG];

		above[i] = i;
		if (c->is_left_out || c->n < FEWEST)
			continue;
		for (size_t k = 0; k < c->n; k++) {
			locks[k] = kin_of(all->info, circle_asks(all, c, k));
			places[k] = all->asked->askings[c->askings[k]].stack;
		}
		join(above, i,
		     table_at(seen, hash_of(locks, c->n, 1),
			      hash_of(locks, c->n, 2)));
		if (!has_places(all, c))
			continue;
		join(above, i,
		     table_at(seen, hash_of(places, c->n, 3),
			      hash_of(places, c->n, 4)));
	}
	table_free(seen);
}

/* Smaller is better to show. */
static unsigned rank(const struct circles *all, const struct circle *c)
{
	bool may_be_others;
	uint32_t flags = circle_doubts(all, c, &may_be_others);

	if (c->is_reached)
		return 0;
	return flags || may_be_others || c->n > LOCKGRAPH_SHORT ? 2 : 1;
}

static bool is_better(const struct circles *all, const struct circle *c,
		      const struct circle *than)
{
	unsigned a = rank(all, c), b = rank(all, than);

	return a != b ? a < b : c->n < than->n;
}

void circles_fold(struct circles *all)
{
	uint32_t *above = zeroed(all->n, sizeof(*above));
	uint32_t *best = zeroed(all->n, sizeof(*best)); /* of a root, plus 1 */

	join_alike(all, above);
	for (uint32_t i = 0; i < all->n; i++) {
		struct circle *c = &all->all[i], *other;
		uint32_t *of = &best[root_of(above, i)];

		if (c->is_left_out)
			continue;
		if (!*of) {
			*of = i + 1;
			continue;
		}
		other = &all->all[*of - 1];
		if (is_better(all, c, other)) {
			struct circle *worse = other;

			*of = i + 1;
			other = c;
			c = worse;
		}
		other->count += c->count;
		other->n_folded += c->n_folded + 1;
		c->is_left_out = true;
	}
	store_free(above);
	store_free(best);
}

/* SPDX-License-Identifier: MIT */
/*
 * A tree of prefixes: a node is the lock taken last, its parent what was held
 * before.
 */
#include "world/lockset.h"

#include <stdlib.h>

#include "fetch.h"

struct node {
	uint32_t parent;
	uint32_t depth;
	struct side_lock lock;
};

/* Direct-mapped, before the table: few locksets are many accesses. */
struct child {
	uint32_t parent;
	uint32_t number; /* 0: empty */
	uint64_t lock;
};

#define CHILD_BITS 14

struct locksets {
	struct table *children; /* (parent, lock) to number */
	struct node *nodes;
	size_t n, room;
	struct child recent[1u << CHILD_BITS];
};

struct locksets *locksets_new(void)
{
	struct locksets *sets = zeroed(1, sizeof(*sets));

	sets->children = table_new();
	sets->nodes = grow(NULL, &sets->room, 0, sizeof(*sets->nodes));
	sets->n = 1;
	return sets;
}

void locksets_free(struct locksets *sets)
{
	if (!sets)
		return;
	table_free(sets->children);
	store_free(sets->nodes);
	store_free(sets);
}

/* Stacks are fewer than 2^31: each takes bytes of a trace. */
static uint64_t lock_word(uint32_t object, uint32_t stack, bool shared)
{
	return (uint64_t)object << 32 | (uint32_t)(stack << 1) | shared;
}

static size_t recent_place(uint32_t parent, uint64_t lock)
{
	return ((lock ^ (uint64_t)parent << 16) * 0x9e3779b97f4a7c15u) >>
	       (64 - CHILD_BITS);
}

void locksets_soon(const struct locksets *sets, const struct event *ev)
{
	uint64_t lock = lock_word(ev->object, ev->stack, ev->shared);

	fetch(&sets->recent[recent_place(0, lock)], sizeof(*sets->recent));
}

static uint32_t child_of(struct locksets *sets, uint32_t parent,
			 const struct held *h)
{
	uint64_t lock = lock_word(h->object, h->stack, h->shared);
	struct child *recent = &sets->recent[recent_place(parent, lock)];
	uint64_t *number;

	if (recent->number && recent->parent == parent && recent->lock == lock)
		return recent->number;

	number = table_at(sets->children, parent, lock);
	if (!*number) {
		sets->nodes = grow(sets->nodes, &sets->room, sets->n,
				   sizeof(*sets->nodes));
		sets->nodes[sets->n] = (struct node){
			.parent = parent,
			.depth = sets->nodes[parent].depth + 1,
			.lock = { .object = h->object,
				  .stack = h->stack,
				  .shared = h->shared },
		};
		*number = sets->n++;
	}
	*recent = (struct child){
		.parent = parent,
		.number = (uint32_t)*number,
		.lock = lock,
	};
	return recent->number;
}

void locksets_find(struct locksets *sets, struct world_thread *t)
{
	uint32_t number = 0;

	for (size_t i = 0; i < t->n_held; i++)
		number = child_of(sets, number, &t->held[i]);
	t->lockset = number;
	t->has_lockset = true;
}

const struct side_lock *locksets_list(const struct locksets *sets,
				      uint32_t number, struct arena *mem,
				      size_t *n)
{
	struct side_lock *list;

	*n = sets->nodes[number].depth;
	list = arena_alloc(mem, *n * sizeof(*list) + 1);
	for (size_t i = *n; i > 0; i--) {
		list[i - 1] = sets->nodes[number].lock;
		number = sets->nodes[number].parent;
	}
	return list;
}

const struct side_lock *locksets_now(const struct world *world, uint32_t thread,
				     struct arena *mem, size_t *n)
{
	struct locksets *sets = world->locksets;

	return locksets_list(sets, locksets_number(world, thread), mem, n);
}

bool locksets_has(const struct locksets *sets, uint32_t number, uint32_t lock)
{
	while (number && sets->nodes[number].lock.object != lock)
		number = sets->nodes[number].parent;
	return number;
}

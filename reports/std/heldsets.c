/* SPDX-License-Identifier: MIT */
/*
 * See heldsets.h.  A set is a path from the root of a tree, its locks in
 * ascending order: the same set is the same node, however it came about.
 */
#include "std/heldsets.h"

#include <stdlib.h>

#include "store.h"

void heldsets_init(struct heldsets *sets)
{
	*sets = (struct heldsets){ .n = 1, .with = table_new() };
	sets->all = grow(NULL, &sets->room, 0, sizeof(*sets->all));
}

void heldsets_release(struct heldsets *sets)
{
	store_free(sets->all);
	store_free(sets->stack);
	table_free(sets->with);
}

/* The lock is larger than all in the set. */
static uint32_t with(struct heldsets *sets, uint32_t set, uint32_t lock)
{
	uint64_t *number = table_at(sets->with, set, lock);

	if (*number == 0) {
		sets->all = grow(sets->all, &sets->room, sets->n,
				 sizeof(*sets->all));
		sets->all[sets->n] = (struct heldset){ set, lock };
		*number = sets->n++;
	}
	return (uint32_t)*number;
}

static void push(struct heldsets *sets, size_t n, uint32_t lock)
{
	sets->stack =
		grow(sets->stack, &sets->stack_room, n, sizeof(*sets->stack));
	sets->stack[n] = lock;
}

static uint32_t with_stack(struct heldsets *sets, uint32_t set, size_t n)
{
	while (n > 0)
		set = with(sets, set, sets->stack[--n]);
	return set;
}

uint32_t heldsets_add(struct heldsets *sets, uint32_t set, uint32_t lock)
{
	size_t n = 0;

	for (; set && sets->all[set].largest > lock; set = sets->all[set].rest)
		push(sets, n++, sets->all[set].largest);
	return with_stack(sets, with(sets, set, lock), n);
}

uint32_t heldsets_remove(struct heldsets *sets, uint32_t set, uint32_t lock)
{
	size_t n = 0;

	for (; sets->all[set].largest > lock; set = sets->all[set].rest)
		push(sets, n++, sets->all[set].largest);
	return with_stack(sets, sets->all[set].rest, n);
}

uint32_t heldsets_common(struct heldsets *sets, uint32_t a, uint32_t b)
{
	size_t n = 0;

	while (a && b && a != b) {
		uint32_t x = sets->all[a].largest, y = sets->all[b].largest;

		if (x == y)
			push(sets, n++, x);
		if (x >= y)
			a = sets->all[a].rest;
		if (y >= x)
			b = sets->all[b].rest;
	}
	return with_stack(sets, a == b ? a : 0, n);
}

bool heldsets_has(const struct heldsets *sets, uint32_t set, uint32_t lock)
{
	while (set && sets->all[set].largest > lock)
		set = sets->all[set].rest;
	return set && sets->all[set].largest == lock;
}

bool heldsets_are_disjoint(const struct heldsets *sets, uint32_t a, uint32_t b)
{
	while (a && b) {
		uint32_t x = sets->all[a].largest, y = sets->all[b].largest;

		if (x == y)
			return false;
		if (x > y)
			a = sets->all[a].rest;
		else
			b = sets->all[b].rest;
	}
	return true;
}

/* SPDX-License-Identifier: MIT */
/*
 * Sets of locks as small numbers: equal sets have equal numbers.  Number 0 is
 * the empty set.  Which locks, and nothing else: lockset.h is for what reports
 * show of them.
 *
 *	for (; set; set = heldsets_rest(sets, set))
 *		heldsets_largest(sets, set) is in it
 *
 * goes through a set's locks, the largest first.
 */
#ifndef REPORTS_HELDSETS_H
#define REPORTS_HELDSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heldset {
	uint32_t rest; /* the set without its largest lock */
	uint32_t largest;
};

struct heldsets {
	struct heldset *all;
	size_t n, room;
	struct table *with; /* (set, larger lock) -> the set of both */
	uint32_t *stack;    /* scratch */
	size_t stack_room;
};

void heldsets_init(struct heldsets *sets);
void heldsets_release(struct heldsets *sets);

/* The set with one lock more, which was not in it; with one less, which was. */
uint32_t heldsets_add(struct heldsets *sets, uint32_t set, uint32_t lock);
uint32_t heldsets_remove(struct heldsets *sets, uint32_t set, uint32_t lock);

/* What is in both. */
uint32_t heldsets_common(struct heldsets *sets, uint32_t a, uint32_t b);

bool heldsets_has(const struct heldsets *sets, uint32_t set, uint32_t lock);
bool heldsets_are_disjoint(const struct heldsets *sets, uint32_t a, uint32_t b);

static inline uint32_t heldsets_rest(const struct heldsets *sets, uint32_t set)
{
	return sets->all[set].rest;
}

static inline uint32_t heldsets_largest(const struct heldsets *sets,
					uint32_t set)
{
	return sets->all[set].largest;
}

#endif

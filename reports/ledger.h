/* SPDX-License-Identifier: MIT */
/*
 * A list whose elements are found by a pair of numbers: what is counted of
 * each kind of thing that is met, in the order in which they were met first.
 *
 *	struct ledger groups = ledger_of(sizeof(struct group));
 *	...
 *	g = ledger_at(&groups, map, stack, &is_new);
 *	if (is_new)
 *		*g = (struct group){ ... };
 *	g->n++;
 */
#ifndef REPORTS_LEDGER_H
#define REPORTS_LEDGER_H

#include "store.h"

struct ledger {
	struct table *index; /* pair to place, plus 1 */
	char *elements;
	size_t n, room, element_bytes;
};

struct ledger ledger_of(size_t element_bytes);
void ledger_release(struct ledger *l);

/* The element of (a, b), zero and new the first time.  Valid until the next
   one is new. */
void *ledger_at(struct ledger *l, uint64_t a, uint64_t b, bool *is_new);

/* The same, or NULL if it is not there. */
void *ledger_find(const struct ledger *l, uint64_t a, uint64_t b);

/* Element i of l->n. */
void *ledger_get(const struct ledger *l, size_t i);

/* Which one of them it is. */
size_t ledger_place(const struct ledger *l, const void *element);

#endif

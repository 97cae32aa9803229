/* SPDX-License-Identifier: MIT */
/* See ledger.h. */
#include "ledger.h"

#include <stdlib.h>

struct ledger ledger_of(size_t element_bytes)
{
	return (struct ledger){
		.index = table_new(),
		.element_bytes = element_bytes,
	};
}

void ledger_release(struct ledger *l)
{
	table_free(l->index);
	store_free(l->elements);
	*l = (struct ledger){ .index = NULL };
}

void *ledger_at(struct ledger *l, uint64_t a, uint64_t b, bool *is_new)
{
	uint64_t *place = table_at(l->index, a, b);

	*is_new = !*place;
	if (*is_new) {
		l->elements =
			grow(l->elements, &l->room, l->n, l->element_bytes);
		*place = ++l->n;
	}
	return ledger_get(l, (size_t)*place - 1);
}

void *ledger_find(const struct ledger *l, uint64_t a, uint64_t b)
{
	const uint64_t *place = table_find(l->index, a, b);

	return place ? ledger_get(l, (size_t)*place - 1) : NULL;
}

void *ledger_get(const struct ledger *l, size_t i)
{
	return l->elements + i * l->element_bytes;
}

size_t ledger_place(const struct ledger *l, const void *element)
{
	return (size_t)((const char *)element - l->elements) / l->element_bytes;
}

/* SPDX-License-Identifier: MIT */
/* See blames.h.  The cells of a lock are a list in one array of all cells. */
#include "locks/blames.h"

#include <stdlib.h>

struct blames {
	struct table *cell_of;	  /* (object, stacks) to index */
	struct blame_cell *cells; /* 0 is none */
	size_t n, room;
};

struct blames *blames_new(void)
{
	struct blames *b = zeroed(1, sizeof(*b));

	b->cell_of = table_new();
	b->cells = grow(NULL, &b->room, 0, sizeof(*b->cells));
	b->n = 1;
	return b;
}

void blames_free(struct blames *b)
{
	table_free(b->cell_of);
	store_free(b->cells);
	store_free(b);
}

static struct blame_cell *cell_at(struct blames *b, uint32_t *first,
				  uint32_t object, uint32_t waiter,
				  uint32_t holder)
{
	uint64_t *index =
		table_at(b->cell_of, object, (uint64_t)waiter << 32 | holder);

	if (!*index) {
		b->cells = grow(b->cells, &b->room, b->n, sizeof(*b->cells));
		b->cells[b->n] = (struct blame_cell){
			.blame = { .waiter_stack = waiter,
				   .holder_stack = holder },
			.next = *first,
		};
		*first = (uint32_t)b->n;
		*index = b->n++;
	}
	return &b->cells[*index];
}

void blames_add(struct blames *b, uint32_t *first,
		const struct blame_wait *wait, uint32_t holder,
		uint32_t holder_stack, uint64_t ns)
{
	struct blame_cell *c =
		cell_at(b, first, wait->object, wait->stack, holder_stack);

	c->blame.wait_ns += ns;
	if (c->wait != wait->number) {
		c->wait = wait->number;
		c->blame.count++;
	}
	if (wait->wait_ns >= c->worst_ns) {
		c->worst_ns = wait->wait_ns;
		c->since_ns = wait->since_ns;
		c->waiter = wait->thread;
		c->waiter_holds = wait->holds;
		c->holder = holder;
	}
}

static int by_waiter(const void *one, const void *other)
{
	const struct blame *a = &((const struct blame_cell *)one)->blame;
	const struct blame *b = &((const struct blame_cell *)other)->blame;

	if (a->waiter_stack != b->waiter_stack)
		return a->waiter_stack < b->waiter_stack ? -1 : 1;
	if (a->wait_ns != b->wait_ns)
		return a->wait_ns > b->wait_ns ? -1 : 1;
	return a->holder_stack < b->holder_stack ? -1 : 1;
}

static int by_wait(const void *one, const void *other)
{
	const struct blame *a = one, *b = other;

	if (a->wait_ns != b->wait_ns)
		return a->wait_ns > b->wait_ns ? -1 : 1;
	if (a->waiter_stack != b->waiter_stack)
		return a->waiter_stack < b->waiter_stack ? -1 : 1;
	return a->holder_stack < b->holder_stack ? -1 : 1;
}

struct blame_cell *blames_of(const struct blames *b, uint32_t first, size_t *n)
{
	struct blame_cell *cells = NULL;
	size_t room = 0;

	*n = 0;
	for (uint32_t i = first; i; i = b->cells[i].next) {
		cells = grow(cells, &room, *n, sizeof(*cells));
		cells[(*n)++] = b->cells[i];
	}
	if (*n)
		qsort(cells, *n, sizeof(*cells), by_waiter);
	return cells;
}

const struct blame_cell *blames_worst(const struct blame_cell *cells, size_t n)
{
	const struct blame_cell *worst = NULL;
	uint64_t most_ns = 0;

	for (size_t i = 0, next; i < n; i = next) {
		uint64_t sum_ns = 0;

		for (next = i; next < n && cells[next].blame.waiter_stack ==
						   cells[i].blame.waiter_stack;
		     next++)
			sum_ns += cells[next].blame.wait_ns;
		if (sum_ns > most_ns || !worst) {
			most_ns = sum_ns;
			worst = &cells[i];
		}
	}
	return worst;
}

struct blame *blames_sorted(const struct blame_cell *cells, size_t n)
{
	struct blame *all = n ? zeroed(n, sizeof(*all)) : NULL;

	for (size_t i = 0; i < n; i++)
		all[i] = cells[i].blame;
	if (n)
		qsort(all, n, sizeof(*all), by_wait);
	return all;
}

/* SPDX-License-Identifier: MIT */
/*
 * A place is an order of locks and the stack of the request.  A request that
 * waits has an event of its own, before the acquire.
 */
#include "reorder/circle_reach.h"

#include <stdlib.h>

#include "store.h"
#include "world/kin.h"

/* One of the places asked for. */
struct place {
	const struct lock_order *order;
	uint32_t next; /* with the same lock and stack; 0: no more */
};

struct wanted {
	struct circle *circle;
	uint32_t keys[LOCKGRAPH_SHORT]; /* of places[] */
};

struct circle_reach {
	const struct circles *circles;
	struct wanted *wanted;
	size_t n_wanted, room_wanted;
	struct place *places; /* from 1 */
	size_t n_places, room_places;
	struct table *numbers; /* (order, stack) to place */
	struct table *first;   /* (word, stack) to place */
	uint32_t *waits_for;   /* by thread: what it has a REQUEST of */
};

static uint32_t place_of(struct circle_reach *reach, uint32_t order,
			 uint32_t stack)
{
	const struct lock_order *o = &reach->circles->asked->orders[order];
	uint64_t *number = table_at(reach->numbers, order, stack);
	uint64_t *first;

	if (*number)
		return (uint32_t)*number;
	reach->places = grow(reach->places, &reach->room_places,
			     reach->n_places, sizeof(*reach->places));
	first = table_at(reach->first, o->asked, stack);
	reach->places[reach->n_places] =
		(struct place){ .order = o, .next = (uint32_t)*first };
	*first = reach->n_places;
	*number = reach->n_places++;
	return (uint32_t)*number;
}

static void want(struct circle_reach *reach, struct circle *c)
{
	const struct asking *askings = reach->circles->asked->askings;
	struct wanted *w;

	reach->wanted = grow(reach->wanted, &reach->room_wanted,
			     reach->n_wanted, sizeof(*reach->wanted));
	w = &reach->wanted[reach->n_wanted++];
	w->circle = c;
	for (size_t i = 0; i < c->n; i++)
		w->keys[i] = place_of(reach, c->orders[i],
				      askings[c->askings[i]].stack);
}

struct circle_reach *circle_reach_new(struct circles *circles,
				      bool (*is_asked)(const void *with,
						       const struct circle *c),
				      const void *with)
{
	struct circle_reach *reach = zeroed(1, sizeof(*reach));

	*reach = (struct circle_reach){
		.circles = circles,
		.n_places = 1,
		.numbers = table_new(),
		.first = table_new(),
		.waits_for = zeroed(circles->info->n_threads,
				    sizeof(*reach->waits_for)),
	};
	reach->places =
		grow(NULL, &reach->room_places, 0, sizeof(*reach->places));
	for (size_t i = 0; i < circles->n; i++)
		if (circles->all[i].n <= LOCKGRAPH_SHORT &&
		    is_asked(with, &circles->all[i]))
			want(reach, &circles->all[i]);
	if (reach->n_wanted)
		return reach;
	circle_reach_free(reach);
	return NULL;
}

void circle_reach_free(struct circle_reach *reach)
{
	if (!reach)
		return;
	table_free(reach->numbers);
	table_free(reach->first);
	store_free(reach->wanted);
	store_free(reach->places);
	store_free(reach->waits_for);
	store_free(reach);
}

/* Whether just these locks are held. */
static bool is_held(const struct lock_order *order,
		    const struct reorder_hold *holds, size_t n)
{
	if (order->n_held != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint32_t word = lock_word(holds[i].object, holds[i].shared);
		uint32_t k = 0;

		while (k < n && order->held[k] != word)
			k++;
		if (k == n)
			return false;
	}
	return true;
}

static void asks(struct circle_reach *reach, const struct event *ev,
		 struct reorder *r)
{
	uint32_t word = lock_word(ev->object, ev->shared);
	const uint64_t *first = table_find(reach->first, word, ev->stack);
	const struct reorder_hold *holds;
	size_t n;

	if (!first || ev->flags & (CMSHIM_TRY | CMSHIM_TIMED))
		return;
	holds = reorder_holds(r, ev->thread, &n);
	for (uint32_t i = (uint32_t)*first; i; i = reach->places[i].next)
		if (is_held(reach->places[i].order, holds, n))
			reorder_put(r, i, ev->thread);
}

void circle_reach_event(struct circle_reach *reach, const struct event *ev,
			struct reorder *r)
{
	uint32_t *waits_for = &reach->waits_for[ev->thread];

	switch (ev->op) {
	case CMSHIM_OP_REQUEST:
	case CMSHIM_OP_REQUEST_SHARED:
		asks(reach, ev, r);
		*waits_for = ev->object;
		break;
	case CMSHIM_OP_REQUEST_FAILED:
		*waits_for = 0;
		break;
	case CMSHIM_OP_ACQUIRE:
	case CMSHIM_OP_ACQUIRE_SHARED:
		if (!*waits_for || *waits_for != ev->object)
			asks(reach, ev, r);
		*waits_for = 0;
		break;
	}
}

static bool is_reached(const struct wanted *w, struct reorder *r)
{
	struct circle *c = w->circle;

	for (size_t i = 0; i < c->n; i++)
		c->reached[i] = (struct reorder_place){ .key = w->keys[i] };
	if (!reorder_reaches(r, c->reached, c->n, true))
		return false;
	c->is_reached = true;
	for (size_t i = 0; i < c->n; i++)
		c->moments[i].thread = c->reached[i].thread;
	return true;
}

bool circle_reach_ask(struct circle_reach *reach, struct reorder *r)
{
	size_t n = 0;

	for (size_t i = 0; i < reach->n_wanted; i++)
		if (!is_reached(&reach->wanted[i], r))
			reach->wanted[n++] = reach->wanted[i];
	reach->n_wanted = n;
	return n > 0;
}

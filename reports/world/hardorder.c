/* SPDX-License-Identifier: MIT */
/*
 * Vector clocks, kept as trees that share what is equal: a thread that is
 * made knows what its parent knew, a barrier gives the same to all.  So a
 * moment is a few numbers however many threads there are, moments can be kept
 * by the million, and joining two clocks looks only at where they differ.
 *
 * A thread's own count is not in its tree.  It goes up whenever others were
 * told of it, so that they know of all before and of nothing after.
 */
#include "world/hardorder.h"

#include <stdlib.h>
#include <string.h>

#include "ledger.h"

#define FAN 8u

/* Children, or counts in the lowest row.  Node 0 is empty, on all levels. */
struct node {
	uint32_t at[FAN];
};

struct timeline {
	uint32_t own, known;
	uint32_t phase; /* 0: to be numbered */
	uint32_t era;
	uint32_t given;	     /* tree from its parent */
	uint32_t generation; /* of the barrier it arrived at */
};

/*
 * Arrivals are recorded before the call and departures after it: at the
 * first departure all that made it possible have arrived.  How many there
 * must be need not be known.
 */
struct barrier {
	uint32_t generation;
	uint32_t gathered, passed; /* trees of this one and the one before */
};

struct hardorder {
	const struct trace_info *info;
	struct timeline *threads;
	struct node *nodes;
	size_t n_nodes, room_nodes;
	unsigned top; /* level of the roots; level 0 has the counts */
	uint32_t n_phases;
	uint32_t era;
	struct ledger barriers; /* by object */
};

struct hardorder *hardorder_new(const struct trace_info *info)
{
	struct hardorder *order = zeroed(1, sizeof(*order));

	order->info = info;
	order->threads = zeroed(info->n_threads, sizeof(*order->threads));
	for (size_t i = 0; i < info->n_threads; i++)
		order->threads[i].own = 1;
	for (size_t n = FAN; n < info->n_threads; n *= FAN)
		order->top++;
	order->nodes = grow(NULL, &order->room_nodes, 0, sizeof(*order->nodes));
	order->n_nodes = 1;
	order->barriers = ledger_of(sizeof(struct barrier));
	return order;
}

void hardorder_free(struct hardorder *order)
{
	ledger_release(&order->barriers);
	store_free(order->nodes);
	store_free(order->threads);
	store_free(order);
}

static uint32_t add_node(struct hardorder *order, const struct node *node)
{
	order->nodes = grow(order->nodes, &order->room_nodes, order->n_nodes,
			    sizeof(*order->nodes));
	order->nodes[order->n_nodes] = *node;
	return (uint32_t)order->n_nodes++;
}

static unsigned place_of(uint32_t thread, unsigned level)
{
	return thread >> 3 * level & (FAN - 1);
}

static uint32_t count_in(const struct hardorder *order, uint32_t tree,
			 uint32_t thread)
{
	for (unsigned level = order->top + 1; level-- > 0;)
		tree = order->nodes[tree].at[place_of(thread, level)];
	return tree;
}

/* The tree with the thread's count raised to its own. */
static uint32_t with_count(struct hardorder *order, uint32_t tree,
			   unsigned level, uint32_t thread, uint32_t count)
{
	struct node node = order->nodes[tree];
	uint32_t *at = &node.at[place_of(thread, level)];
	uint32_t now = level ? with_count(order, *at, level - 1, thread, count)
			     : count;

	if (*at == now)
		return tree;
	*at = now;
	return add_node(order, &node);
}

static uint32_t joined(struct hardorder *order, uint32_t a, uint32_t b,
		       unsigned level)
{
	struct node x, y, sum;

	if (a == b || !b)
		return a;
	if (!a)
		return b;
	x = order->nodes[a];
	y = order->nodes[b];
	for (unsigned i = 0; i < FAN; i++)
		if (level)
			sum.at[i] = joined(order, x.at[i], y.at[i], level - 1);
		else
			sum.at[i] = x.at[i] > y.at[i] ? x.at[i] : y.at[i];
	if (memcmp(&sum, &x, sizeof(sum)) == 0)
		return a;
	if (memcmp(&sum, &y, sizeof(sum)) == 0)
		return b;
	return add_node(order, &sum);
}

void hardorder_learn(struct hardorder *order, uint32_t thread, uint32_t tree)
{
	struct timeline *t = &order->threads[thread];
	uint32_t known = joined(order, t->known, tree, order->top);

	if (known != t->known)
		t->phase = 0;
	t->known = known;
}

/* All that the thread knows and has done. */
uint32_t hardorder_tell(struct hardorder *order, uint32_t thread)
{
	struct timeline *t = &order->threads[thread];
	uint32_t tree = with_count(order, t->known, order->top, thread, t->own);

	t->own++;
	t->phase = 0;
	return tree;
}

static struct barrier *barrier_at(struct hardorder *order, uint32_t object)
{
	bool is_new;
	struct barrier *b = ledger_at(&order->barriers, object, 0, &is_new);

	if (is_new)
		b->generation = 1;
	return b;
}

static void arrive(struct hardorder *order, const struct event *ev)
{
	uint32_t told = hardorder_tell(order, ev->thread);
	struct barrier *b = barrier_at(order, ev->object);

	b->gathered = joined(order, b->gathered, told, order->top);
	order->threads[ev->thread].generation = b->generation;
}

static void depart(struct hardorder *order, const struct event *ev)
{
	struct barrier *b = barrier_at(order, ev->object);

	if (order->threads[ev->thread].generation == b->generation) {
		b->generation++;
		b->passed = b->gathered;
		b->gathered = 0;
	}
	hardorder_learn(order, ev->thread, b->passed);
}

void hardorder_event(struct hardorder *order, const struct event *ev)
{
	switch (ev->op) {
	case CMSHIM_OP_CREATE:
		if (ev->other)
			order->threads[ev->other].given =
				hardorder_tell(order, ev->thread);
		break;
	case CMSHIM_OP_START:
		hardorder_learn(order, ev->thread,
				order->threads[ev->thread].given);
		break;
	case CMSHIM_OP_JOIN:
		if (ev->other && ev->other != ev->thread)
			hardorder_learn(order, ev->thread,
					hardorder_tell(order, ev->other));
		break;
	case CMSHIM_OP_ARRIVE:
		arrive(order, ev);
		break;
	case CMSHIM_OP_DEPART:
		depart(order, ev);
		break;
	case EVENT_GAP:
		/* Whom a barrier kept apart there is not known. */
		if (order->info->objects[ev->object].class == CMSHIM_BARRIER)
			order->era++;
		break;
	}
}

struct moment hardorder_now(struct hardorder *order, uint32_t thread)
{
	struct timeline *t = &order->threads[thread];

	if (!t->phase || t->era != order->era) {
		t->phase = ++order->n_phases;
		t->era = order->era;
	}
	return (struct moment){
		.phase = t->phase,
		.thread = thread,
		.own = t->own,
		.known = t->known,
		.era = t->era,
	};
}

bool hardorder_are_ordered(const struct hardorder *order,
			   const struct moment *a, const struct moment *b)
{
	return a->thread == b->thread || a->era != b->era ||
	       count_in(order, b->known, a->thread) >= a->own ||
	       count_in(order, a->known, b->thread) >= b->own;
}

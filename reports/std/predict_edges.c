/* SPDX-License-Identifier: MIT */
/*
 * Edges of the lock graph: pairs of a lock held and one asked for.
 *
 * Sets of locks are paths of a tree (heldsets.h), and for one lock asked for
 * each node is gone through once, however many sets it is in.
 */
#include <stdlib.h>

#include "std/predict_parts.h"
#include "store.h"

struct asked {
	uint32_t lock, set;
};

struct edges {
	const struct std_trace *trace;
	const struct std_holds *holds;
	struct asked *all; /* each once */
	size_t n, room;
	uint64_t n_edges, steps;
};

static void collect(struct edges *edges)
{
	struct table *known = table_new();

	for (size_t i = 0; i < edges->trace->n_events; i++) {
		const struct std_event *ev = &edges->trace->events[i];
		uint32_t set = edges->holds->set[i];

		if ((ev->op != STD_ACQUIRE && ev->op != STD_REQUEST) ||
		    set == STD_NOTHING || set == 0 ||
		    (*table_at(known, set, ev->object))++ > 0)
			continue;
		edges->all = grow(edges->all, &edges->room, edges->n,
				  sizeof(*edges->all));
		edges->all[edges->n++] = (struct asked){ ev->object, set };
	}
	table_free(known);
}

static int by_lock(const void *a, const void *b)
{
	uint32_t x = ((const struct asked *)a)->lock;
	uint32_t y = ((const struct asked *)b)->lock;

	return (x > y) - (x < y);
}

/* Marks are by lock held and by node: the lock asked for last, plus 1. */
static void count(struct edges *edges, const struct asked *asked,
		  uint32_t *held_mark, uint32_t *node_mark)
{
	const struct heldsets *sets = &edges->holds->sets;
	uint32_t mark = asked->lock + 1;

	for (uint32_t s = asked->set; s && node_mark[s] != mark;
	     s = heldsets_rest(sets, s)) {
		uint32_t lock = heldsets_largest(sets, s);

		edges->steps++;
		edges->n_edges += held_mark[lock] != mark;
		held_mark[lock] = mark;
		node_mark[s] = mark;
	}
}

void predict_edges(struct engine *engine, struct prediction *out)
{
	struct arena *mem = arena_new();
	struct edges edges = {
		.trace = engine->trace,
		.holds = &engine->holds,
	};
	uint32_t *held_mark =
		arena_alloc(mem, engine->trace->n_locks * sizeof(uint32_t));
	uint32_t *node_mark =
		arena_alloc(mem, engine->holds.sets.n * sizeof(uint32_t));

	collect(&edges);
	if (edges.n > 0)
		qsort(edges.all, edges.n, sizeof(*edges.all), by_lock);
	for (size_t i = 0; i < edges.n; i++)
		if (edges.steps <= engine->max_steps)
			count(&edges, &edges.all[i], held_mark, node_mark);
	out->lockgraph_edges = edges.steps <= engine->max_steps
				       ? edges.n_edges
				       : PREDICT_UNKNOWN;
	store_free(edges.all);
	arena_free(mem);
}

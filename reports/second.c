/* SPDX-License-Identifier: MIT */
/* See second.h. */
#include "second.h"

#include <stdlib.h>

#include "reorder/reorder.h"

/* 2^21 steps are up to 100 MB.  A second or two for the events, and as much
   for the searches. */
const struct second_limits second_usual = {
	.window = 1u << 21,
	.n_windows = 256,
	.n_events = 1u << 25,
	.n_searched = 1u << 27,
};

struct second {
	struct asker *askers; /* those with questions left */
	size_t n;
	const struct second_limits *limits;
	struct reorder *reorder;
	uint64_t n_events;
	bool is_asked; /* the window has been, and is over */
	bool gave_up;
};

struct second *second_begin(const struct asker *askers, size_t n,
			    const struct second_limits *limits)
{
	struct second *second = zeroed(1, sizeof(*second));

	second->askers = zeroed(n, sizeof(*askers));
	second->limits = limits;
	for (size_t i = 0; i < n; i++) {
		const struct second_time *again = askers[i].analysis->again;

		if (again && again->wants(askers[i].state, askers[i].world))
			second->askers[second->n++] = askers[i];
	}
	if (second->n == 0) {
		store_free(second->askers);
		store_free(second);
		return NULL;
	}
	second->reorder = reorder_new(askers[0].world->info, limits->window,
				      limits->n_searched);
	return second;
}

/* Returns whether anybody has questions left. */
static bool ask(struct second *second)
{
	size_t n = 0;

	for (size_t i = 0; i < second->n; i++)
		if (second->askers[i].analysis->again->ask(
			    second->askers[i].state, second->reorder))
			second->askers[n++] = second->askers[i];
	second->n = n;
	return n > 0;
}

static bool is_too_long(const struct second *second)
{
	const struct second_limits *limits = second->limits;

	return second->n_events >= limits->n_events ||
	       reorder_n_windows(second->reorder) > limits->n_windows ||
	       reorder_steps(second->reorder) >= limits->n_searched;
}

static double part(uint64_t n, uint64_t most)
{
	return n < most ? (double)n / (double)most : 1;
}

double second_spent(const struct second *second)
{
	const struct second_limits *limits = second->limits;
	double events = part(second->n_events, limits->n_events);
	double steps = part(reorder_steps(second->reorder), limits->n_searched);

	return events > steps ? events : steps;
}

bool second_event(struct second *second, const struct event *ev)
{
	if (reorder_ends_window(second->reorder, ev)) {
		second->is_asked = true;
		if (!ask(second))
			return false;
		reorder_begin_window(second->reorder);
		second->is_asked = false;
	}
	if (is_too_long(second)) {
		second->gave_up = true;
		return false;
	}
	for (size_t i = 0; i < second->n; i++)
		second->askers[i].analysis->again->event(
			second->askers[i].state, ev, second->reorder);
	reorder_event(second->reorder, ev);
	second->n_events++;
	return true;
}

void second_end(struct second *second)
{
	if (!second->is_asked)
		ask(second);
	if (reorder_steps(second->reorder) >= second->limits->n_searched)
		second->gave_up = true;
	for (size_t i = 0; i < second->n && second->gave_up; i++)
		second->askers[i].analysis->again->gave_up(
			second->askers[i].state);
	reorder_free(second->reorder);
	store_free(second->askers);
	store_free(second);
}

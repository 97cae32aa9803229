/* SPDX-License-Identifier: MIT */
/* See convoys.h. */
#include "locks/convoys.h"

void convoys_waited(struct convoys *c, uint64_t queue, struct arena *mem)
{
	size_t place = queue < CONVOY_QUEUE ? queue : CONVOY_QUEUE - 1;

	c->run.n++;
	if (c->run.n > CONVOY_RUN) {
		c->all->queue[place]++;
		return;
	}
	c->run.queue[place]++;
	if (c->run.n < CONVOY_RUN)
		return;
	if (!c->all)
		c->all = arena_alloc(mem, sizeof(*c->all));
	for (unsigned i = 0; i < CONVOY_QUEUE; i++)
		c->all->queue[i] += c->run.queue[i];
}

void convoys_end_run(struct convoys *c)
{
	struct convoy *all = c->all;

	if (c->run.n >= CONVOY_RUN) {
		all->n += c->run.n;
		all->longest =
			c->run.n > all->longest ? c->run.n : all->longest;
		all->handed_ns += c->run.handed_ns;
		all->n_handed += c->run.n_handed;
		all->held_ns += c->run.held_ns;
		all->n_held += c->run.n_held;
	}
	if (c->run.n)
		*c = (struct convoys){ .all = all };
}

unsigned convoy_median_queue(const struct convoy *c)
{
	uint64_t seen = 0;

	for (unsigned i = 0; i < CONVOY_QUEUE; i++) {
		seen += c->queue[i];
		if (2 * seen >= c->n)
			return i;
	}
	return CONVOY_QUEUE;
}

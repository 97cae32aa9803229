/* SPDX-License-Identifier: MIT */
/* See convoys.h. */
#include "convoys.h"

void convoys_waited(struct convoys *c, uint64_t queue)
{
	c->run.n++;
	c->run.queue[queue < CONVOY_QUEUE ? queue : CONVOY_QUEUE - 1]++;
}

void convoys_end_run(struct convoys *c)
{
	struct convoy *all = &c->all, *run = &c->run;

	if (run->n >= CONVOY_RUN) {
		all->n += run->n;
		all->longest = run->n > all->longest ? run->n : all->longest;
		all->handed_ns += run->handed_ns;
		all->n_handed += run->n_handed;
		all->held_ns += run->held_ns;
		all->n_held += run->n_held;
		for (unsigned i = 0; i < CONVOY_QUEUE; i++)
			all->queue[i] += run->queue[i];
	}
	if (run->n)
		*run = (struct convoy){ .n = 0 };
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

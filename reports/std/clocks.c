/* SPDX-License-Identifier: MIT */
/* See clocks.h. */
#include "std/clocks.h"

#include <stdlib.h>
#include <string.h>

#include "store.h"

struct knowledge {
	uint32_t n_users;
	uint32_t pos[]; /* [thread]; of the stamp's own, the stamp has it */
};

struct clock {
	uint32_t *pos;		  /* [thread]; NULL: it knows nothing */
	struct knowledge *shared; /* a copy that is still right, or NULL */
};

struct clocks {
	uint32_t n_threads;
	struct clock *all;
};

struct clocks *clocks_new(uint32_t n_threads)
{
	struct clocks *clocks = zeroed(1, sizeof(*clocks));

	clocks->n_threads = n_threads;
	clocks->all = zeroed(n_threads, sizeof(*clocks->all));
	return clocks;
}

static void drop(struct knowledge *known)
{
	if (known && --known->n_users == 0)
		store_free(known);
}

void clocks_free(struct clocks *clocks)
{
	for (uint32_t i = 0; i < clocks->n_threads; i++) {
		store_free(clocks->all[i].pos);
		drop(clocks->all[i].shared);
	}
	store_free(clocks->all);
	store_free(clocks);
}

static uint32_t *pos_of(struct clocks *clocks, uint32_t thread)
{
	struct clock *clock = &clocks->all[thread];

	if (!clock->pos)
		clock->pos = zeroed(clocks->n_threads, sizeof(*clock->pos));
	return clock->pos;
}

static struct knowledge *copy_of(const struct clocks *clocks,
				 const uint32_t *pos)
{
	size_t bytes = clocks->n_threads * sizeof(*pos);
	struct knowledge *known = zeroed(sizeof(*known) + bytes, 1);

	known->n_users = 1;
	memcpy(known->pos, pos, bytes);
	return known;
}

void clocks_tick(struct clocks *clocks, uint32_t thread, uint32_t pos)
{
	pos_of(clocks, thread)[thread] = pos;
}

uint32_t clocks_known(const struct clocks *clocks, uint32_t thread,
		      uint32_t other)
{
	const uint32_t *pos = clocks->all[thread].pos;

	return pos ? pos[other] : 0;
}

void clocks_stamp(struct clocks *clocks, uint32_t thread, struct stamp *stamp)
{
	struct clock *clock = &clocks->all[thread];
	const uint32_t *pos = pos_of(clocks, thread);

	if (!clock->shared)
		clock->shared = copy_of(clocks, pos);
	clock->shared->n_users++;
	clocks_forget(stamp);
	*stamp = (struct stamp){
		.known = clock->shared,
		.thread = thread,
		.pos = pos[thread],
	};
}

static bool is_known(const struct clocks *clocks, uint32_t thread,
		     const struct stamp *stamp)
{
	return !stamp->known ||
	       (!stamp->is_sum &&
		clocks_known(clocks, thread, stamp->thread) >= stamp->pos);
}

/* Returns whether anything became larger. */
static bool raise(const struct clocks *clocks, uint32_t *pos,
		  const struct stamp *stamp)
{
	const uint32_t *known = stamp->known->pos;
	bool is_raised = false;

	for (uint32_t i = 0; i < clocks->n_threads; i++)
		if (known[i] > pos[i]) {
			pos[i] = known[i];
			is_raised = true;
		}
	if (stamp->pos > pos[stamp->thread]) {
		pos[stamp->thread] = stamp->pos;
		is_raised = true;
	}
	return is_raised;
}

void clocks_stamp_also(struct clocks *clocks, uint32_t thread,
		       struct stamp *stamp)
{
	const uint32_t *pos = pos_of(clocks, thread);
	struct knowledge *sum;

	if (is_known(clocks, thread, stamp)) {
		clocks_stamp(clocks, thread, stamp);
		return;
	}
	sum = copy_of(clocks, pos);
	raise(clocks, sum->pos, stamp);
	clocks_forget(stamp);
	*stamp = (struct stamp){
		.known = sum,
		.thread = thread,
		.pos = pos[thread],
		.is_sum = true,
	};
}

void clocks_join(struct clocks *clocks, uint32_t thread,
		 const struct stamp *stamp)
{
	struct clock *clock = &clocks->all[thread];

	if (is_known(clocks, thread, stamp) ||
	    !raise(clocks, pos_of(clocks, thread), stamp))
		return;
	drop(clock->shared);
	clock->shared = NULL;
}

void clocks_forget(struct stamp *stamp)
{
	drop(stamp->known);
	*stamp = (struct stamp){ 0 };
}

void clocks_order(struct clocks *clocks, uint32_t from, uint32_t to)
{
	struct stamp stamp = { 0 };

	clocks_stamp(clocks, from, &stamp);
	/* It may have learnt something since its last event: by a fork. */
	stamp.is_sum = true;
	clocks_join(clocks, to, &stamp);
	clocks_forget(&stamp);
}

/* SPDX-License-Identifier: MIT */
#include "locks/inside.h"

#include <stdlib.h>

#include "store.h"
#include "world/kin.h"

/* Of a thread and one lock that was held as it was made. */
struct tie {
	uint32_t maker, child, object;
	uint32_t next; /* of the maker's while it holds, then the child's */
	uint32_t told; /* what the maker had done as it gave the lock up */
	bool shared;
};

struct inside {
	const struct trace_info *info;
	struct tie *ties; /* 0 is none */
	size_t n, room;
	uint32_t *made, *free; /* by thread: the first of its ties */
};

struct inside *inside_new(const struct trace_info *info)
{
	struct inside *in = zeroed(1, sizeof(*in));

	in->info = info;
	in->made = zeroed(info->n_threads, sizeof(*in->made));
	in->free = zeroed(info->n_threads, sizeof(*in->free));
	in->n = 1;
	return in;
}

void inside_free(struct inside *in)
{
	store_free(in->ties);
	store_free(in->made);
	store_free(in->free);
	store_free(in);
}

void inside_made(struct inside *in, const struct event *ev,
		 const struct world *world)
{
	const struct world_thread *t = &world->threads[ev->thread];

	for (size_t i = 0; i < t->n_held && ev->other; i++) {
		const struct held *h = &t->held[i];

		/* A recursive lock is in the list several times. */
		if (world_holds(world, ev->thread, h->object) != h ||
		    world->objects[h->object].uncertain ||
		    !kin_is_lock(in->info, h->object))
			continue;
		in->ties = grow(in->ties, &in->room, in->n, sizeof(*in->ties));
		in->ties[in->n] = (struct tie){
			.maker = ev->thread,
			.child = ev->other,
			.object = h->object,
			.shared = h->shared,
			.next = in->made[ev->thread],
		};
		in->made[ev->thread] = (uint32_t)in->n++;
	}
}

/* Whether the release leaves the thread without the lock. */
static bool is_last(const struct world *world, const struct event *ev)
{
	const struct world_thread *t = &world->threads[ev->thread];
	size_t n = 0;

	for (size_t i = 0; i < t->n_held; i++)
		n += t->held[i].object == ev->object;
	return n == 1;
}

void inside_released(struct inside *in, struct hardorder *hard,
		     const struct event *ev, const struct world *world)
{
	uint32_t *link = &in->made[ev->thread], told = 0;

	if (!*link || !is_last(world, ev))
		return;
	while (*link) {
		struct tie *tie = &in->ties[*link];
		uint32_t index = *link;

		if (tie->object != ev->object) {
			link = &tie->next;
			continue;
		}
		if (!told)
			told = hardorder_tell(hard, ev->thread);
		tie->told = told;
		*link = tie->next;
		tie->next = in->free[tie->child];
		in->free[tie->child] = index;
	}
}

void inside_acquired(struct inside *in, struct hardorder *hard,
		     const struct event *ev)
{
	uint32_t *link = &in->free[ev->thread];

	while (*link) {
		const struct tie *tie = &in->ties[*link];

		if (tie->object != ev->object || (tie->shared && ev->shared)) {
			link = &in->ties[*link].next;
			continue;
		}
		hardorder_learn(hard, ev->thread, tie->told);
		*link = tie->next;
	}
}

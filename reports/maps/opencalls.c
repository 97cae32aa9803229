/* SPDX-License-Identifier: MIT */
/*
 * A pool of list elements; each is in the list of its thread, which nests,
 * and in that of its map, which does not.
 */
#include "maps/opencalls.h"

#include <stdlib.h>

void open_calls_init(struct open_calls *open, size_t n_threads,
		     size_t n_objects, struct arena *mem)
{
	*open = (struct open_calls){
		.n = 1,
		.of_thread =
			arena_alloc(mem, n_threads * sizeof(*open->of_thread)),
		.of_map = arena_alloc(mem, n_objects * sizeof(*open->of_map)),
	};
	open->calls = grow(NULL, &open->room, 0, sizeof(*open->calls));
}

void open_calls_release(struct open_calls *open)
{
	store_free(open->calls);
}

void open_calls_push(struct open_calls *open, const struct map_call *call)
{
	uint32_t *of_thread = &open->of_thread[call->site.thread];
	uint32_t *of_map = &open->of_map[call->map];
	uint32_t i = open->free;

	if (i) {
		open->free = open->calls[i].next;
	} else {
		open->calls = grow(open->calls, &open->room, open->n,
				   sizeof(*open->calls));
		i = (uint32_t)open->n++;
	}
	open->calls[i] = (struct open_call){
		.call = *call,
		.outer = *of_thread,
		.next = *of_map,
	};
	if (*of_map)
		open->calls[*of_map].prev = i;
	*of_thread = i;
	*of_map = i;
}

static void unlink_from_map(struct open_calls *open, struct open_call *o)
{
	if (o->prev)
		open->calls[o->prev].next = o->next;
	else
		open->of_map[o->call.map] = o->next;
	if (o->next)
		open->calls[o->next].prev = o->prev;
}

bool open_calls_take(struct open_calls *open, uint32_t thread, uint32_t map,
		     struct map_call *call)
{
	uint32_t *link = &open->of_thread[thread];
	struct open_call *o;
	uint32_t i;

	while (map && *link && open->calls[*link].call.map != map)
		link = &open->calls[*link].outer;
	i = *link;
	if (!i)
		return false;

	o = &open->calls[i];
	*call = o->call;
	*link = o->outer;
	unlink_from_map(open, o);
	o->next = open->free;
	open->free = i;
	return true;
}

static const struct open_call *call_at(const struct open_calls *open,
				       uint32_t i)
{
	return i ? &open->calls[i] : NULL;
}

const struct open_call *open_calls_of(const struct open_calls *open,
				      uint32_t map)
{
	return call_at(open, open->of_map[map]);
}

const struct open_call *open_calls_next(const struct open_calls *open,
					const struct open_call *o)
{
	return call_at(open, o->next);
}

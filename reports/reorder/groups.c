/* SPDX-License-Identifier: MIT */
/* See groups.h. */
#include "reorder/groups.h"

#include "store.h"

void groups_init(struct groups *groups, size_t n_events)
{
	struct arena *mem = arena_new();

	*groups = (struct groups){
		.of = arena_alloc(mem, n_events * sizeof(*groups->of)),
		.n_events = n_events,
		.known = table_new(),
		.mem = mem,
	};
	for (size_t i = 0; i < n_events; i++)
		groups->of[i] = NO_GROUP;
}

void groups_release(struct groups *groups)
{
	table_free(groups->known);
	arena_free(groups->mem);
}

uint32_t groups_put(struct groups *groups, uint32_t a, uint32_t b, uint32_t c,
		    size_t event)
{
	uint64_t *number = table_at(groups->known, (uint64_t)a << 32 | b, c);

	if (*number == 0)
		*number = ++groups->n;
	groups->of[event] = (uint32_t)*number - 1;
	return groups->of[event];
}

void groups_close(struct groups *groups, const uint32_t *pos)
{
	size_t n = 0;

	groups->first = arena_alloc(
		groups->mem, ((size_t)groups->n + 2) * sizeof(*groups->first));
	for (size_t i = 0; i < groups->n_events; i++)
		if (groups->of[i] != NO_GROUP) {
			groups->first[groups->of[i] + 2]++;
			n++;
		}
	for (size_t g = 2; g < (size_t)groups->n + 2; g++)
		groups->first[g] += groups->first[g - 1];

	/* first[g + 1] runs from where g begins to where it ends. */
	groups->pos = arena_alloc(groups->mem, n * sizeof(*groups->pos));
	for (size_t i = 0; i < groups->n_events; i++)
		if (groups->of[i] != NO_GROUP)
			groups->pos[groups->first[groups->of[i] + 1]++] =
				pos[i];
}

size_t groups_after(const struct groups *groups, size_t from, size_t end,
		    uint32_t pos)
{
	while (from < end) {
		size_t middle = from + (end - from) / 2;

		if (groups->pos[middle] > pos)
			end = middle;
		else
			from = middle + 1;
	}
	return from;
}

/* SPDX-License-Identifier: MIT */
/* See accesses.h. */
#include "std/accesses.h"

#include <stdlib.h>

#include "store.h"

/* Puts a group into its variable's list. */
static void enlist(struct accesses *accesses, uint32_t group, uint32_t var)
{
	struct first *first = &accesses->first[var];
	struct access *new = &accesses->all[group];
	uint32_t *link = &first->group;

	if (!new->is_write && first->last_write != NO_GROUP)
		link = &accesses->all[first->last_write].next;
	else if (new->is_write && first->last_write == NO_GROUP)
		first->last_write = group;
	new->next = *link;
	*link = group;
}

static void put(struct accesses *accesses, const struct std_event *ev, size_t i)
{
	uint32_t n = accesses->groups.n;
	bool is_write = ev->op == STD_WRITE;
	uint32_t group =
		groups_put(&accesses->groups, ev->thread << 1 | is_write,
			   ev->object, 0, i);

	if (group < n)
		return;
	accesses->all =
		grow(accesses->all, &accesses->room, n, sizeof(*accesses->all));
	accesses->all[group] = (struct access){
		.thread = ev->thread,
		.is_write = is_write,
	};
	enlist(accesses, group, ev->object);
}

void accesses_init(struct accesses *accesses, const struct std_trace *trace,
		   const struct std_holds *holds)
{
	*accesses = (struct accesses){ 0 };
	groups_init(&accesses->groups, trace->n_events);
	accesses->first = arena_alloc(accesses->groups.mem,
				      trace->n_vars * sizeof(struct first));
	for (uint32_t i = 0; i < trace->n_vars; i++)
		accesses->first[i] = (struct first){ NO_GROUP, NO_GROUP };

	for (size_t i = 0; i < trace->n_events; i++) {
		const struct std_event *ev = &trace->events[i];

		if (ev->op == STD_READ || ev->op == STD_WRITE)
			put(accesses, ev, i);
	}
	groups_close(&accesses->groups, holds->pos);
}

void accesses_release(struct accesses *accesses)
{
	groups_release(&accesses->groups);
	store_free(accesses->all);
}

/* The group, or the next one that conflicts with `own`. */
static uint32_t from(const struct accesses *accesses, uint32_t group,
		     uint32_t own)
{
	const struct access *all = accesses->all;

	while (group != NO_GROUP && all[group].thread == all[own].thread)
		group = all[group].next;
	if (group != NO_GROUP && !all[group].is_write && !all[own].is_write)
		return NO_GROUP;
	return group;
}

uint32_t accesses_first(const struct accesses *accesses, uint32_t var,
			uint32_t own)
{
	return from(accesses, accesses->first[var].group, own);
}

uint32_t accesses_next(const struct accesses *accesses, uint32_t group,
		       uint32_t own)
{
	return from(accesses, accesses->all[group].next, own);
}

/* SPDX-License-Identifier: MIT */
/*
 * What is asked of a window: its candidates by number and thread, and the
 * threads that may be at the places tried until some can be there at once.
 */
#include <stdlib.h>

#include "reorder/reorder_parts.h"

/* With more threads at the places than this some are not tried. */
enum { MAX_TRIES = 64 };

void reorder_forget_sorted(struct reorder *r)
{
	if (!r->is_sorted)
		return;
	groups_release(&r->groups);
	table_free(r->first);
	store_free(r->next);
	store_free(r->candidate_at);
	r->is_sorted = false;
}

/* Threads of one number are a list, those that came there first first. */
static void link_group(struct reorder *r, uint32_t group, uint32_t key,
		       uint32_t *last)
{
	uint64_t *first = table_at(r->first, key, 0);

	if (!*first)
		*first = group + 1;
	else
		r->next[last[*first - 1]] = group + 1;
	last[*first - 1] = group;
}

static void sort_candidates(struct reorder *r)
{
	size_t n = r->n_candidates;
	uint32_t *pos = zeroed(n, sizeof(*pos));
	uint32_t *last = zeroed(n, sizeof(*last));

	groups_init(&r->groups, n);
	r->first = table_new();
	r->next = zeroed(n, sizeof(*r->next));
	r->candidate_at = zeroed(n, sizeof(*r->candidate_at));
	for (size_t i = 0; i < n; i++) {
		const struct candidate *c = &r->candidates[i];
		uint32_t n_groups = r->groups.n;
		uint32_t group =
			groups_put(&r->groups, c->key, c->thread, 0, i);

		pos[i] = c->pos;
		if (group == n_groups)
			link_group(r, group, c->key, last);
	}
	groups_close(&r->groups, pos);
	for (size_t i = 0; i < n; i++)
		last[i] = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t group = r->groups.of[i];

		r->candidate_at[r->groups.first[group] + last[group]++] = i;
	}
	store_free(pos);
	store_free(last);
	r->is_sorted = true;
}

/* Places, and the threads that are tried there. */
struct attempt {
	struct reorder_place *places;
	size_t n;
	struct choice choices[MAX_CHOICES];
	int tries;
};

static bool search(struct reorder *r, struct attempt *at)
{
	at->tries++;
	if (reorder_steps(r) >= r->max_steps ||
	    !closure_reaches(r->closure, &r->groups, at->choices, at->n))
		return false;
	for (size_t i = 0; i < at->n; i++) {
		size_t place = r->candidate_at[closure_met(r->closure, i)];
		const struct candidate *c = &r->candidates[place];

		at->places[i].thread = c->thread;
		at->places[i].nth = c->nth;
		at->places[i].order = r->n_earlier + place;
	}
	return true;
}

static bool choose(struct reorder *r, struct attempt *at, size_t depth)
{
	const struct reorder_place *place = &at->places[depth];
	const uint64_t *first;

	/* The second is for compilers that do not see that n is not more. */
	if (depth == at->n || depth == MAX_CHOICES)
		return search(r, at);
	first = table_find(r->first, place->key, 0);
	for (uint32_t g = first ? (uint32_t)*first : 0;
	     g && at->tries < MAX_TRIES; g = r->next[g - 1]) {
		const struct candidate *c =
			&r->candidates[r->candidate_at[r->groups.first[g - 1]]];
		size_t i = 0;

		if (place->thread && c->thread != place->thread)
			continue;
		while (i < depth && at->choices[i].thread != c->thread)
			i++;
		if (i < depth)
			continue;
		at->choices[depth] = (struct choice){ c->thread, g - 1 };
		if (choose(r, at, depth + 1))
			return true;
	}
	return false;
}

bool reorder_reaches(struct reorder *r, struct reorder_place *places, size_t n,
		     bool with_reads)
{
	struct attempt at = { .places = places, .n = n };

	if (!r->n_candidates || n > MAX_CHOICES)
		return false;
	if (!r->is_sorted)
		sort_candidates(r);
	closure_keep_reads(r->closure, with_reads);
	return choose(r, &at, 0);
}

/* SPDX-License-Identifier: MIT */
/*
 * Two arrays that lose their older half when they are full, so that dropping
 * costs nothing on average and what is kept stays sorted.
 */
#include "maps/writes.h"

#include <stdlib.h>
#include <string.h>

#include "store.h"

/*
 * How far a thread's reads may lag behind the writes in the merged order and
 * still find their partners.  A chunk of the recorder holds fewer.
 */
#define MAX_RUNS 16384u

/* Writes overlapped by writes; few of them reach far. */
#define MAX_LONGS 1024u

void writes_release(struct writes *w)
{
	store_free(w->runs);
	store_free(w->longs);
	*w = (struct writes){ .runs = NULL };
}

static bool same_site(const struct site *a, const struct site *b)
{
	return a->stack == b->stack && a->lockset == b->lockset &&
	       a->thread == b->thread && a->call == b->call;
}

static void add_run(struct writes *w, uint64_t first, const struct site *site,
		    struct ending ended)
{
	if (w->n_runs && same_site(&w->runs[w->n_runs - 1].site, site)) {
		w->runs[w->n_runs - 1].ended = ended;
		return;
	}

	w->runs = grow_recent(w->runs, &w->room_runs, &w->n_runs,
			      sizeof(*w->runs), MAX_RUNS, w->left);
	w->runs[w->n_runs++] = (struct run){
		.first = first,
		.site = *site,
		.ended = ended,
	};
}

void writes_gap(struct writes *w)
{
	static const struct site unknown = { .thread = 0 };

	if (!w->missing)
		w->missing = w->last + 1;
	add_run(w, w->last + 1, &unknown, (struct ending){ .era = 0 });
}

void writes_add(struct writes *w, uint64_t number, const struct site *site,
		struct ending ended)
{
	if (number <= w->last)
		return;
	if (w->last && number != w->last + 1)
		writes_gap(w);
	add_run(w, number, site, ended);
	w->last = number;
}

void writes_ended(struct writes *w, const struct long_write *ended)
{
	struct long_write *new;

	if (w->n_longs == MAX_LONGS) {
		w->n_longs /= 2;
		w->dropped_end = w->longs[w->n_longs - 1].max_end;
		memcpy(w->longs, w->longs + w->n_longs,
		       w->n_longs * sizeof(*w->longs));
	}
	if (w->n_longs == w->room_longs)
		w->longs = grow(w->longs, &w->room_longs, w->n_longs,
				sizeof(*w->longs));

	new = &w->longs[w->n_longs];
	*new = *ended;
	new->max_end = ended->end;
	if (w->n_longs && new[-1].max_end > new->max_end)
		new->max_end = new[-1].max_end;
	w->n_longs++;
}

const struct run *writes_find(const struct writes *w, uint64_t n)
{
	size_t low = 0, high = w->n_runs;

	if (n > w->last)
		return NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (w->runs[middle].first <= n)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &w->runs[low - 1] : NULL;
}

uint64_t writes_run_end(const struct writes *w, const struct run *run)
{
	return run + 1 == w->runs + w->n_runs ? w->last + 1 : run[1].first;
}

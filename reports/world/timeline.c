/* SPDX-License-Identifier: MIT */
/*
 * Vector clocks with a release in constant time (FastTrack, PLDI 2009): a
 * thread's own count is not in its clock, so who is told by it is given the
 * clock's pointer and the count.  Who knows that count of that thread already
 * knows all the thread knew then, and has nothing to learn: therefore the
 * count goes up before anything is learnt or done after it was told.
 *
 * Clocks are as long as there are threads that others do not know the end of:
 * the slot of one that has ended is used again by one that knows all of it.
 */
#include "world/timeline.h"

#include <stdlib.h>

#include "store.h"

void knowledge_learn(struct vclock_pool *pool, struct knowledge *to,
		     const struct knowledge *from, struct epoch teller)
{
	for (size_t i = 0; i < N_ORDER_SETS; i++)
		vclock_learn(pool, &to->in[i], from->in[i], teller.slot,
			     teller.count);
}

void knowledge_keep(struct vclock_pool *pool, struct knowledge *to,
		    const struct knowledge *from)
{
	for (size_t i = 0; i < N_ORDER_SETS; i++) {
		struct vclock *kept = vclock_keep(from->in[i]);

		vclock_drop(pool, &to->in[i]);
		to->in[i] = kept;
	}
}

void knowledge_drop(struct vclock_pool *pool, struct knowledge *known)
{
	for (size_t i = 0; i < N_ORDER_SETS; i++)
		vclock_drop(pool, &known->in[i]);
}

/* In one event a count goes up by less than the difference. */
#define MOST_COUNT (UINT32_MAX - 64)

void timelines_init(struct timelines *lines, size_t n_threads)
{
	*lines = (struct timelines){
		.pool = vclock_pool_new(),
		.all = zeroed(n_threads, sizeof(*lines->all)),
		.n = n_threads,
		.n_sets = ORDER_NO_SIGNALS,
		.most = MOST_COUNT,
	};
}

void timelines_release(struct timelines *lines)
{
	vclock_pool_free(lines->pool);
	for (size_t i = 0; i < lines->n; i++)
		store_free(lines->all[i].taken);
	store_free(lines->all);
	store_free(lines->retired);
}

void timelines_restart(struct timelines *lines)
{
	for (size_t i = 0; i < lines->n; i++) {
		struct timeline *t = &lines->all[i];

		knowledge_drop(lines->pool, &t->known);
		knowledge_drop(lines->pool, &t->given);
		t->giver.count = 0;
		t->signalled.count = 0;
		t->at.count = 1;
		t->is_told = t->is_used = false;
		store_free(t->taken);
		t->taken = NULL;
	}
	for (size_t i = 0; i < lines->n_retired; i++) {
		struct retired *r = &lines->retired[i];

		knowledge_drop(lines->pool, &r->known);
		r->last.count = r->count = 0;
	}
}

static bool is_known(const struct vclock *clock, const struct retired *r)
{
	return vclock_at(clock, r->last.slot) >= r->last.count;
}

/*
 * Whether t comes after the thread.  It may know of it by way of a lock only:
 * without locks it is then given what the thread knew.
 */
static bool may_follow(const struct timelines *lines, const struct timeline *t,
		       const struct retired *r)
{
	const struct knowledge *known = &t->known;

	return is_known(known->in[ORDER_ALL], r) &&
	       (lines->n_sets <= ORDER_NO_SIGNALS ||
		is_known(known->in[ORDER_NO_SIGNALS], r)) &&
	       (is_known(known->in[ORDER_NO_LOCKS], r) ||
		vclock_covers(known->in[ORDER_ALL],
			      r->known.in[ORDER_NO_LOCKS]));
}

static void follow(struct timelines *lines, struct timeline *t,
		   struct retired *r)
{
	struct vclock **known = &t->known.in[ORDER_NO_LOCKS];

	t->at.slot = r->last.slot;
	t->at.count = r->count + 1;
	if (!is_known(*known, r))
		vclock_learn(lines->pool, known, r->known.in[ORDER_NO_LOCKS], 0,
			     0);
	knowledge_drop(lines->pool, &r->known);
}

/* A slot of an ended thread that the new one knows all of, or a new one. */
static void take_slot(struct timelines *lines, struct timeline *t)
{
	enum { TRIES = 8 };

	for (size_t i = 0; i < TRIES && i < lines->n_retired; i++) {
		size_t at = (lines->next_retired + i) % lines->n_retired;
		struct retired *r = &lines->retired[at];

		if (!may_follow(lines, t, r))
			continue;
		follow(lines, t, r);
		*r = lines->retired[--lines->n_retired];
		return;
	}
	lines->next_retired += TRIES;
	t->at.slot = ++lines->n_slots;
	t->at.count = 1;
}

void timeline_end(struct timelines *lines, struct timeline *t)
{
	struct retired r = { .last = t->at, .count = t->at.count };

	if (!t->at.slot)
		return;
	if (!t->is_told && !t->is_used)
		r.last.count--;
	knowledge_keep(lines->pool, &r.known, &t->known);
	if (t->is_detached)
		knowledge_drop(lines->pool, &t->known);
	lines->retired = grow(lines->retired, &lines->room_retired,
			      lines->n_retired, sizeof(r));
	lines->retired[lines->n_retired++] = r;
}

struct timeline *timeline_begin(struct timelines *lines, uint32_t thread)
{
	struct timeline *t = &lines->all[thread];

	if (!lines->first)
		lines->first = thread;
	if (t->giver.slot)
		knowledge_learn(lines->pool, &t->known, &t->given, t->giver);
	knowledge_drop(lines->pool, &t->given);
	take_slot(lines, t);
	return t;
}

static bool learn(struct timelines *lines, struct timeline *t,
		  enum order_set set, struct vclock *told, struct epoch teller)
{
	struct vclock **known = &t->known.in[set];

	if (teller.slot ? teller.slot == t->at.slot ||
				  vclock_at(*known, teller.slot) >= teller.count
			: vclock_covers(*known, told))
		return false;
	timeline_go_on(t);
	t->news += set == ORDER_NO_LOCKS;
	vclock_learn(lines->pool, known, told, teller.slot, teller.count);
	return true;
}

bool timeline_learn(struct timelines *lines, struct timeline *t,
		    const struct knowledge *told, struct epoch teller,
		    int without)
{
	bool is_new = false;

	for (uint32_t set = 0; set < lines->n_sets; set++)
		if ((int)set != without &&
		    learn(lines, t, (enum order_set)set, told->in[set], teller))
			is_new |= set == ORDER_ALL;
	return is_new;
}

void timeline_add(struct timelines *lines, struct timeline *t,
		  struct knowledge *to, int without)
{
	for (uint32_t set = 0; set < lines->n_sets; set++)
		if ((int)set != without &&
		    vclock_at(to->in[set], t->at.slot) < t->at.count)
			vclock_learn(lines->pool, &to->in[set],
				     t->known.in[set], t->at.slot, t->at.count);
	t->is_told = true;
}

void timeline_tell(struct timelines *lines, struct timeline *t,
		   struct knowledge *to, int without)
{
	for (uint32_t set = 0; set < lines->n_sets; set++) {
		if ((int)set == without || to->in[set] == t->known.in[set])
			continue;
		vclock_drop(lines->pool, &to->in[set]);
		to->in[set] = vclock_keep(t->known.in[set]);
	}
	t->is_told = true;
}

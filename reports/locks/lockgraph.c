/* SPDX-License-Identifier: MIT */
/*
 * First which locks can be on a circle at all: those that reach each other in
 * the graph of "held, then asked for" (Tarjan's algorithm).  Most programs
 * end here, in time linear in their orders.  Then, for each such group of
 * locks, circles of two, three, ... orders, depth first.
 *
 * The number of circles may be exponential.  So steps are counted, and the
 * search of a group ends when it has used up its share.
 */
#include "locks/lockgraph.h"

#include <stdlib.h>

#include "store.h"

#define STEPS_PER_GROUP (1u << 22)
#define STEPS_IN_ALL	(1u << 26)

/* Lists of numbers, one for each of 0 ... n - 1, one after the other. */
struct lists {
	size_t *first; /* [n + 1] */
	uint32_t *all;
};

struct search {
	const struct lock_order *orders;
	size_t n, n_locks;
	lockgraph_circle *found;
	void *with;

	uint64_t *masks; /* by order: a bit for each lock held, hashed */
	uint32_t *group; /* by lock: which circle of locks it may be on */
	uint32_t n_groups;
	struct lists holders; /* by lock: orders that hold it */
	struct lists members; /* by group: orders inside */

	uint32_t path[LOCKGRAPH_LONG];
	size_t n_path, wanted;
	bool is_real; /* a circle of this length and group was */
	uint64_t steps, steps_in_all;
	bool gave_up;
};

static uint64_t bit_of(uint32_t lock)
{
	return 1ull << (lock * 0x9e3779b1u >> 26);
}

bool lock_order_blocks(const struct lock_order *o, uint32_t asked)
{
	for (uint32_t i = 0; i < o->n_held; i++)
		if (o->held[i] >> 1 == asked >> 1)
			return !(o->held[i] & asked & 1);
	return false;
}

static bool blocks(const struct search *s, uint32_t order, uint32_t asked)
{
	return s->masks[order] & bit_of(asked >> 1) &&
	       lock_order_blocks(&s->orders[order], asked);
}

/* Whether two threads can be where these orders are at the same time. */
static bool go_together(const struct search *s, uint32_t a, uint32_t b)
{
	const struct lock_order *x = &s->orders[a], *y = &s->orders[b];
	uint32_t i = 0, k = 0;

	if (!(s->masks[a] & s->masks[b]))
		return true;
	while (i < x->n_held && k < y->n_held) {
		uint32_t p = x->held[i], q = y->held[k];

		if (p >> 1 == q >> 1 && !(p & q & 1))
			return false;
		i += p >> 1 <= q >> 1;
		k += q >> 1 <= p >> 1;
	}
	return true;
}

/* Called for all, twice: to count, and to store. */
static void lists_put(struct lists *lists, size_t key, uint32_t value)
{
	if (lists->all)
		lists->all[lists->first[key]++] = value;
	else
		lists->first[key]++;
}

/* After counting, first[] becomes where each list begins ... */
static void lists_counted(struct lists *lists, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i <= n; i++) {
		size_t count = lists->first[i];

		lists->first[i] = sum;
		sum += count;
	}
	lists->all = zeroed(sum, sizeof(*lists->all));
}

/* ... and after storing, where it ended, so that it moves by one. */
static void lists_stored(struct lists *lists, size_t n)
{
	for (size_t i = n; i > 0; i--)
		lists->first[i] = lists->first[i - 1];
	lists->first[0] = 0;
}

static void lists_free(struct lists *lists)
{
	store_free(lists->first);
	store_free(lists->all);
}

static struct lists locks_after(const struct search *s)
{
	struct lists after = { .first = zeroed(s->n_locks + 1,
					       sizeof(*after.first)) };

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 1; i < s->n; i++)
			for (uint32_t k = 0; k < s->orders[i].n_held; k++)
				lists_put(&after, s->orders[i].held[k] >> 1,
					  s->orders[i].asked >> 1);
		if (pass == 0)
			lists_counted(&after, s->n_locks);
	}
	lists_stored(&after, s->n_locks);
	return after;
}

/* Tarjan's, by hand: locks may be more than the C stack has room for. */
struct tarjan {
	const struct lists *after;
	uint32_t *number; /* by lock, in the order met; 0: not met */
	uint32_t *low;
	size_t *next;	 /* by lock: the edge to look at */
	uint32_t *from;	 /* by lock: the one before on the way here */
	uint32_t *stack; /* met, and of no group yet */
	size_t n_stack;
	uint32_t n_met;
};

static void enter(struct tarjan *t, uint32_t lock, uint32_t from)
{
	t->number[lock] = t->low[lock] = ++t->n_met;
	t->next[lock] = t->after->first[lock];
	t->from[lock] = from;
	t->stack[t->n_stack++] = lock;
}

/* All edges of the lock are done: is it the first one met of a group? */
static void leave(struct search *s, struct tarjan *t, uint32_t lock)
{
	uint32_t from = t->from[lock], other;

	if (from && t->low[lock] < t->low[from])
		t->low[from] = t->low[lock];
	if (t->low[lock] != t->number[lock])
		return;
	s->n_groups++;
	do {
		other = t->stack[--t->n_stack];
		s->group[other] = s->n_groups;
	} while (other != lock);
}

static void walk(struct search *s, struct tarjan *t, uint32_t lock)
{
	enter(t, lock, 0);
	while (lock) {
		uint32_t to;

		if (t->next[lock] == t->after->first[lock + 1]) {
			leave(s, t, lock);
			lock = t->from[lock];
			continue;
		}
		to = t->after->all[t->next[lock]++];
		if (!t->number[to]) {
			enter(t, to, lock);
			lock = to;
		} else if (!s->group[to] && t->number[to] < t->low[lock]) {
			t->low[lock] = t->number[to];
		}
	}
}

static void find_groups(struct search *s)
{
	struct lists after = locks_after(s);
	struct tarjan t = {
		.after = &after,
		.number = zeroed(s->n_locks, sizeof(*t.number)),
		.low = zeroed(s->n_locks, sizeof(*t.low)),
		.next = zeroed(s->n_locks, sizeof(*t.next)),
		.from = zeroed(s->n_locks, sizeof(*t.from)),
		.stack = zeroed(s->n_locks, sizeof(*t.stack)),
	};

	for (uint32_t i = 1; i < s->n_locks; i++)
		if (!t.number[i] && after.first[i] != after.first[i + 1])
			walk(s, &t, i);
	store_free(t.number);
	store_free(t.low);
	store_free(t.next);
	store_free(t.from);
	store_free(t.stack);
	lists_free(&after);
}

/* Whether both ends of the order are in one group: it may be on a circle. */
static bool is_inside(const struct search *s, const struct lock_order *o)
{
	for (uint32_t i = 0; i < o->n_held; i++)
		if (s->group[o->held[i] >> 1] == s->group[o->asked >> 1])
			return true;
	return false;
}

static void list_orders(struct search *s)
{
	s->holders.first = zeroed(s->n_locks + 1, sizeof(*s->holders.first));
	s->members.first = zeroed(s->n_groups + 2, sizeof(*s->members.first));
	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t i = 1; i < s->n; i++) {
			const struct lock_order *o = &s->orders[i];

			if (!is_inside(s, o))
				continue;
			lists_put(&s->members, s->group[o->asked >> 1], i);
			for (uint32_t k = 0; k < o->n_held; k++) {
				lists_put(&s->holders, o->held[k] >> 1, i);
				s->masks[i] |= bit_of(o->held[k] >> 1);
			}
		}
		if (pass == 0) {
			lists_counted(&s->holders, s->n_locks);
			lists_counted(&s->members, s->n_groups + 1);
		}
	}
	lists_stored(&s->holders, s->n_locks);
	lists_stored(&s->members, s->n_groups + 1);
}

/* Whether the path can go on with the order, and leave no smaller circle. */
static bool can_follow(const struct search *s, uint32_t order)
{
	const struct lock_order *o = &s->orders[order];

	for (size_t i = 0; i < s->n_path; i++) {
		const struct lock_order *before = &s->orders[s->path[i]];
		bool is_last = i + 1 == s->n_path;

		if (o->only_thread && o->only_thread == before->only_thread &&
		    s->wanted > 2)
			return false;
		if (!go_together(s, s->path[i], order))
			return false;
		if (blocks(s, order, before->asked) != is_last)
			return false;
		if (i > 0 && blocks(s, s->path[i], o->asked))
			return false;
	}
	return true;
}

static void extend(struct search *s);

static void step(struct search *s, uint32_t order)
{
	bool closes;

	s->steps++;
	if (order <= s->path[0] || !can_follow(s, order))
		return;
	closes = blocks(s, s->path[0], s->orders[order].asked);
	if (closes != (s->n_path + 1 == s->wanted))
		return;
	s->path[s->n_path++] = order;
	if (!closes)
		extend(s);
	else if (s->found(s->with, s->path, s->n_path))
		s->is_real = true;
	s->n_path--;
}

/* Each circle is found from its lowest order only. */
static void extend(struct search *s)
{
	uint32_t lock = s->orders[s->path[s->n_path - 1]].asked >> 1;

	for (size_t i = s->holders.first[lock]; i < s->holders.first[lock + 1];
	     i++) {
		if (s->steps >= STEPS_PER_GROUP ||
		    (s->is_real && s->wanted > LOCKGRAPH_SHORT))
			return;
		step(s, s->holders.all[i]);
	}
}

static void search_group(struct search *s, uint32_t group)
{
	size_t first = s->members.first[group];
	size_t end = s->members.first[group + 1];

	s->steps = 0;
	s->is_real = false;
	for (s->wanted = 2; s->wanted <= LOCKGRAPH_LONG; s->wanted++) {
		if (s->wanted > end - first ||
		    (s->is_real && s->wanted > LOCKGRAPH_SHORT))
			break;
		for (size_t i = first; i < end; i++) {
			s->steps++;
			s->path[0] = s->members.all[i];
			s->n_path = 1;
			extend(s);
		}
		if (s->steps >= STEPS_PER_GROUP)
			break;
	}
	s->gave_up |= s->steps >= STEPS_PER_GROUP;
	s->steps_in_all += s->steps;
}

bool lockgraph_search(const struct lock_order *orders, size_t n, size_t n_locks,
		      lockgraph_circle *found, void *with)
{
	struct search s = {
		.orders = orders,
		.n = n,
		.n_locks = n_locks,
		.found = found,
		.with = with,
		.masks = zeroed(n, sizeof(*s.masks)),
		.group = zeroed(n_locks, sizeof(*s.group)),
	};

	find_groups(&s);
	list_orders(&s);
	for (uint32_t g = 1; g <= s.n_groups; g++) {
		if (s.steps_in_all >= STEPS_IN_ALL) {
			s.gave_up = true;
			break;
		}
		search_group(&s, g);
	}
	store_free(s.masks);
	store_free(s.group);
	lists_free(&s.holders);
	lists_free(&s.members);
	return !s.gave_up;
}

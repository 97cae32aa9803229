/* SPDX-License-Identifier: MIT */
/* See bruteforce.h.  Kept simple: what is slow here is meant to be. */
#include "bruteforce.h"

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

enum { MAX_ASKS = BRUTE_EVENTS, N_PLACES = 1 << 17 };

/* A thread that asks for a lock while it holds others, as a set of bits. */
struct ask {
	uint32_t thread, lock, held;
};

struct cycle {
	struct ask asks[4];
	size_t n;
	bool is_reached;
};

struct search {
	const struct std_event *ev;
	int n;
	uint32_t held[BRUTE_EVENTS]; /* by the event's thread, before it */
	bool counts[BRUTE_EVENTS];   /* false: of a lock held anyhow, or not */
	int writer[BRUTE_EVENTS];    /* of a read: the event it saw; -1 */
	uint8_t ask_op;
	bool is_disciplined;

	struct cycle *cycles;
	size_t n_cycles, room_cycles;
	bool is_racy[BRUTE_VARS];
	struct brute *out;

	/* The events of each thread, in order. */
	int list[BRUTE_THREADS][BRUTE_EVENTS];
	int n_list[BRUTE_THREADS];
	uint64_t *seen; /* states: a set, 0 is free */
};

/* How far each thread is, and who wrote last: event + 1, or 0. */
struct state {
	int done[BRUTE_THREADS];
	int written[BRUTE_VARS];
};

/* ck_assert() tells its parent even if it holds: too slow for every state. */
static void require(bool holds)
{
	if (!holds)
		ck_abort_msg("the trace is too long for brute force");
}

static void walk_locks(struct search *s)
{
	int depth[BRUTE_THREADS][BRUTE_LOCKS] = { 0 };
	int last[BRUTE_VARS] = { -1, -1, -1, -1 };

	s->is_disciplined = true;
	s->ask_op = STD_ACQUIRE;
	for (int i = 0; i < s->n; i++) {
		const struct std_event *ev = &s->ev[i];
		uint32_t t = ev->thread, x = ev->object;

		for (uint32_t l = 0; l < BRUTE_LOCKS; l++)
			s->held[i] |= (uint32_t)(depth[t][l] > 0) << l;
		s->counts[i] = true;
		if (ev->op == STD_REQUEST) {
			s->ask_op = STD_REQUEST;
			s->counts[i] = depth[t][x] == 0;
		} else if (ev->op == STD_ACQUIRE) {
			s->counts[i] = depth[t][x]++ == 0;
			for (uint32_t u = 0; u < BRUTE_THREADS; u++)
				if (u != t && depth[u][x] > 0)
					s->is_disciplined = false;
		} else if (ev->op == STD_RELEASE) {
			s->counts[i] = depth[t][x] == 1;
			if (depth[t][x] > 0)
				depth[t][x]--;
			else
				s->is_disciplined = false;
		} else if (ev->op == STD_READ) {
			s->writer[i] = last[x];
		} else if (ev->op == STD_WRITE) {
			last[x] = i;
		}
		s->list[t][s->n_list[t]++] = i;
	}
}

static bool is_access(const struct std_event *ev)
{
	return ev->op == STD_READ || ev->op == STD_WRITE;
}

static bool conflict(const struct std_event *a, const struct std_event *b)
{
	return is_access(a) && is_access(b) && a->thread != b->thread &&
	       a->object == b->object &&
	       (a->op == STD_WRITE || b->op == STD_WRITE);
}

/* Whether event i orders event k, which is later, without a third. */
static bool orders(const struct search *s, int i, int k)
{
	const struct std_event *a = &s->ev[i], *b = &s->ev[k];

	return a->thread == b->thread ||
	       (a->op == STD_FORK && a->object == b->thread) ||
	       (b->op == STD_JOIN && b->object == a->thread) ||
	       (a->op == STD_FORK && b->op == STD_JOIN &&
		a->object == b->object) ||
	       (a->op == STD_RELEASE && b->op == STD_ACQUIRE &&
		a->object == b->object && s->counts[i] && s->counts[k]);
}

static void happens_before(const struct search *s)
{
	bool before[BRUTE_EVENTS][BRUTE_EVENTS] = { { false } };
	bool is_racy_var[BRUTE_VARS] = { false };

	for (int i = 0; i < s->n; i++)
		for (int k = i + 1; k < s->n; k++)
			before[i][k] = orders(s, i, k);
	for (int via = 0; via < s->n; via++)
		for (int i = 0; i < s->n; i++)
			for (int k = 0; k < s->n; k++)
				before[i][k] |=
					before[i][via] && before[via][k];
	for (int k = 0; k < s->n; k++) {
		uint64_t n = 0;

		for (int i = 0; i < k; i++)
			n += conflict(&s->ev[i], &s->ev[k]) && !before[i][k];
		s->out->numbers.hb_racy_pairs += n;
		s->out->numbers.hb_racy_events += n > 0;
		if (n > 0)
			is_racy_var[s->ev[k].object] = true;
	}
	for (int i = 0; i < BRUTE_VARS; i++)
		s->out->numbers.hb_racy_vars += is_racy_var[i];
}

static void count_edges(const struct search *s)
{
	bool edges[BRUTE_LOCKS][BRUTE_LOCKS] = { { false } };

	for (int i = 0; i < s->n; i++)
		for (uint32_t l = 0; l < BRUTE_LOCKS; l++)
			if ((s->ev[i].op == STD_ACQUIRE ||
			     s->ev[i].op == STD_REQUEST) &&
			    s->counts[i] && s->held[i] & 1u << l)
				edges[l][s->ev[i].object] = true;
	for (int a = 0; a < BRUTE_LOCKS; a++)
		for (int b = 0; b < BRUTE_LOCKS; b++)
			s->out->numbers.lockgraph_edges += edges[a][b];
}

static bool is_ask(const struct search *s, int i, struct ask *ask)
{
	*ask = (struct ask){ s->ev[i].thread, s->ev[i].object, s->held[i] };
	return s->ev[i].op == s->ask_op && s->counts[i];
}

static bool is_same(const struct ask *a, const struct ask *b)
{
	return a->thread == b->thread && a->lock == b->lock &&
	       a->held == b->held;
}

static bool is_deadlock(const struct ask *asks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!(asks[(i + 1) % n].held & 1u << asks[i].lock))
			return false;
		for (size_t k = 0; k < i; k++)
			if (asks[i].thread == asks[k].thread ||
			    asks[i].lock == asks[k].lock ||
			    asks[i].held & asks[k].held)
				return false;
	}
	return true;
}

/* All tuples of different asks, the first of which has the least number. */
static void find_cycles(struct search *s, const struct ask *asks, size_t n_asks,
			size_t *chosen, size_t n)
{
	struct cycle cycle = { .n = n };

	for (size_t i = 0; i < n; i++)
		cycle.asks[i] = asks[chosen[i]];
	if (n >= 2 && is_deadlock(cycle.asks, n)) {
		s->cycles = grow(s->cycles, &s->room_cycles, s->n_cycles,
				 sizeof(cycle));
		s->cycles[s->n_cycles++] = cycle;
	}
	if (n == 4)
		return;
	for (size_t i = n ? chosen[0] + 1 : 0; i < n_asks; i++) {
		chosen[n] = i;
		find_cycles(s, asks, n_asks, chosen, n + 1);
	}
}

static void list_cycles(struct search *s)
{
	struct ask asks[MAX_ASKS];
	size_t n = 0, chosen[4];

	for (int i = 0; i < s->n; i++) {
		bool is_new = is_ask(s, i, &asks[n]);

		for (size_t k = 0; k < n && is_new; k++)
			is_new = !is_same(&asks[k], &asks[n]);
		n += is_new;
	}
	find_cycles(s, asks, n, chosen, 0);
	s->out->numbers.abstract_deadlocks = s->n_cycles;
}

static bool is_done(const struct search *s, const struct state *at, int i)
{
	uint32_t t = s->ev[i].thread;

	return at->done[t] > 0 && s->list[t][at->done[t] - 1] >= i;
}

/* The thread's next event if it has begun and has one, or -1. */
static int next_of(const struct search *s, const struct state *at, uint32_t t)
{
	int i;

	if (at->done[t] == s->n_list[t])
		return -1;
	i = s->list[t][at->done[t]];
	for (int k = 0; k < i; k++)
		if (s->ev[k].op == STD_FORK && s->ev[k].object == t &&
		    !is_done(s, at, k))
			return -1;
	return i;
}

/* The lock is free, and no later acquire of it in the trace was made. */
static bool can_acquire(const struct search *s, const struct state *at, int i)
{
	uint32_t lock = s->ev[i].object;
	int depth[BRUTE_THREADS] = { 0 };

	for (int k = 0; k < s->n; k++) {
		const struct std_event *ev = &s->ev[k];

		if (ev->object != lock || !is_done(s, at, k))
			continue;
		if (ev->op == STD_ACQUIRE) {
			depth[ev->thread]++;
			if (k > i && s->counts[k])
				return false;
		} else if (ev->op == STD_RELEASE) {
			depth[ev->thread]--;
		}
	}
	for (uint32_t t = 0; t < BRUTE_THREADS; t++)
		if (depth[t] > 0)
			return false;
	return true;
}

/* Whether a reordering may go on with this event. */
static bool can_do(const struct search *s, const struct state *at, int i)
{
	const struct std_event *ev = &s->ev[i];

	if (ev->op == STD_READ)
		return at->written[ev->object] == s->writer[i] + 1;
	if (ev->op == STD_ACQUIRE && s->counts[i])
		return can_acquire(s, at, i);
	for (int k = 0; k < i && ev->op == STD_JOIN; k++) {
		const struct std_event *before = &s->ev[k];
		bool is_its = before->thread == ev->object ||
			      (before->op == STD_FORK &&
			       before->object == ev->object);

		if (is_its && !is_done(s, at, k))
			return false;
	}
	return true;
}

static void judge(struct search *s, const int *next)
{
	struct ask ask;

	for (uint32_t a = 0; a < BRUTE_THREADS; a++)
		for (uint32_t b = 0; b < a; b++)
			if (next[a] >= 0 && next[b] >= 0 &&
			    conflict(&s->ev[next[a]], &s->ev[next[b]]))
				s->is_racy[s->ev[next[a]].object] = true;

	for (size_t c = 0; c < s->n_cycles; c++) {
		bool is_reached = true;

		for (size_t i = 0; i < s->cycles[c].n; i++) {
			const struct ask *wanted = &s->cycles[c].asks[i];
			int is = next[wanted->thread];

			is_reached &= is >= 0 && is_ask(s, is, &ask) &&
				      is_same(&ask, wanted);
		}
		s->cycles[c].is_reached |= is_reached;
	}
}

/* Whether the state was seen before; it has been now. */
static bool is_seen(struct search *s, const struct state *at)
{
	uint64_t key = 1;
	size_t i;

	for (int t = 0; t < BRUTE_THREADS; t++)
		key = key * (BRUTE_EVENTS + 1) + (uint64_t)at->done[t];
	for (int v = 0; v < BRUTE_VARS; v++)
		key = key * (BRUTE_EVENTS + 1) + (uint64_t)at->written[v];
	i = (key ^ key >> 17 ^ key >> 31) % N_PLACES;
	for (; s->seen[i]; i = (i + 1) % N_PLACES)
		if (s->seen[i] == key)
			return true;
	s->seen[i] = key;
	require(++s->out->n_states < N_PLACES / 2);
	return false;
}

static void reorder(struct search *s, const struct state *at)
{
	int next[BRUTE_THREADS];

	if (is_seen(s, at))
		return;
	for (uint32_t t = 0; t < BRUTE_THREADS; t++)
		next[t] = next_of(s, at, t);
	judge(s, next);
	for (uint32_t t = 0; t < BRUTE_THREADS; t++) {
		struct state then = *at;

		if (next[t] < 0 || !can_do(s, at, next[t]))
			continue;
		then.done[t]++;
		if (s->ev[next[t]].op == STD_WRITE)
			then.written[s->ev[next[t]].object] = next[t] + 1;
		reorder(s, &then);
	}
}

struct brute brute_force(const struct std_event *events, size_t n)
{
	struct brute out = { 0 };
	struct search *s = calloc(1, sizeof(*s));

	require(s && n <= BRUTE_EVENTS);
	s->ev = events;
	s->n = (int)n;
	s->out = &out;
	walk_locks(s);
	happens_before(s);
	count_edges(s);
	list_cycles(s);
	if (s->is_disciplined) {
		s->seen = calloc(N_PLACES, sizeof(*s->seen));
		require(s->seen);
		reorder(s, &(struct state){ 0 });
		free(s->seen);
	}
	for (int i = 0; i < BRUTE_VARS; i++)
		out.numbers.sync_preserving_racy_vars += s->is_racy[i];
	for (size_t c = 0; c < s->n_cycles; c++) {
		out.numbers.sync_preserving_deadlocks +=
			s->cycles[c].is_reached;
		out.n_long += s->cycles[c].is_reached && s->cycles[c].n > 2;
	}
	free(s->cycles);
	free(s);
	return out;
}

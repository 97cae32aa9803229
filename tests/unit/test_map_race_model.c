/* SPDX-License-Identifier: MIT */
/*
 * Unordered accesses against a simple reference.
 *
 * A machine with true locks, rwlocks, semaphores, barriers, once, channels,
 * condition variables with calls that last, threads and map calls that
 * overlap takes random steps.  What it would have recorded is shown to the
 * analysis in a random order of those that the merge may choose.
 *
 * The reference writes down every edge between two events by its definition
 * and takes the transitive closure.  It shares no code with what it tests.
 *
 * A map is reported as unordered if and only if two conflicting calls on it
 * are, and the two that are shown are such.  Calls that were inside at once
 * are never ordered.  With events missing nothing new is found.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"
#include "suites.h"

enum {
	MAX_NODES = 320,
	N_STEPS = 110,
	MAX_CALLS = 160,
	N_THREADS = 7, /* 1 is the first */
	WORDS = MAX_NODES / 64,
	N_RUNS = 12000,
};

enum doing { NOT_MADE, RUNNING, AT_BARRIER, WAITING, WOKEN, SIGNALLING, OVER };

struct node {
	struct event ev;
	bool is_lost;
	uint64_t number;     /* of the object; 0: none */
	uint32_t generation; /* of a barrier */
	uint64_t wait; /* WAKE: number of its WAIT; SIGNAL: last during it */
};

struct call {
	uint32_t thread, map;
	bool is_write, is_open, was_met;
	int enter, leave; /* nodes; the same for a call of one record */
	uint64_t seq, end;
	int entered, left; /* steps */
};

struct machine {
	uint64_t seed, random;
	const char *mix; /* of what threads do, a letter each */
	struct node nodes[MAX_NODES];
	int n_nodes, step;
	enum doing doing[N_THREADS];
	uint32_t held[N_THREADS][4];
	bool is_shared[N_THREADS][4];
	int n_held[N_THREADS], call[N_THREADS], signal[N_THREADS];
	uint64_t wait[N_THREADS];
	bool is_signalled[N_THREADS];
	uint64_t numbers[SCRIPT_OBJECTS];
	uint64_t starts[2], active[2];
	int semaphore, n_arrived;
	uint32_t generation, arrived_in[N_THREADS];
	bool once_ran;
	struct call calls[MAX_CALLS];
	int n_calls;
	struct event stream[2 * MAX_NODES];
	size_t n_stream;
	bool is_doubtful; /* the stream leaves open what a signal woke */
	uint64_t before[MAX_NODES][WORDS]; /* nodes before each */
};

static void demand(const struct machine *m, bool is_true, const char *what)
{
	if (!is_true)
		ck_abort_msg("seed %" PRIu64 ": %s", m->seed, what);
}

static uint32_t pick(struct machine *m, uint32_t n)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return (uint32_t)(m->random >> 20) % n;
}

/* Every event has the number of its node, plus 1, for a stack. */
static struct node *record(struct machine *m, struct event ev, bool numbered)
{
	struct node *node = &m->nodes[m->n_nodes++];

	*node = (struct node){ .ev = ev };
	node->ev.stack = (uint32_t)m->n_nodes;
	if (numbered)
		node->number = ++m->numbers[ev.object];
	return node;
}

static bool is_held(const struct machine *m, uint32_t t, uint32_t lock)
{
	for (int i = 0; i < m->n_held[t]; i++)
		if (m->held[t][i] == lock)
			return true;
	return false;
}

static bool is_free(const struct machine *m, uint32_t lock, bool shared)
{
	for (uint32_t t = 1; t < N_THREADS; t++)
		for (int i = 0; i < m->n_held[t]; i++)
			if (m->held[t][i] == lock &&
			    !(shared && m->is_shared[t][i]))
				return false;
	return true;
}

static void lock(struct machine *m, uint32_t t, uint32_t l, bool shared)
{
	m->held[t][m->n_held[t]] = l;
	m->is_shared[t][m->n_held[t]++] = shared;
	record(m, shared ? ACQUIRE_SHARED(t, l) : ACQUIRE(t, l), true);
}

static void unlock(struct machine *m, uint32_t t, int i)
{
	uint32_t l = m->held[t][i];
	bool shared = m->is_shared[t][i];

	record(m, shared ? RELEASE_SHARED(t, l) : RELEASE(t, l), true);
	m->n_held[t]--;
	m->held[t][i] = m->held[t][m->n_held[t]];
	m->is_shared[t][i] = m->is_shared[t][m->n_held[t]];
}

static void use_lock(struct machine *m, uint32_t t)
{
	static const uint32_t locks[] = { A, B, RW };
	uint32_t l = locks[pick(m, 3)];
	bool shared = l == RW && pick(m, 2);

	if (m->n_held[t] && pick(m, 2))
		unlock(m, t, (int)pick(m, (uint32_t)m->n_held[t]));
	else if (is_held(m, t, l) || m->n_held[t] == 3)
		return;
	else if (is_free(m, l, shared))
		lock(m, t, l, shared);
	else
		record(m, REQUEST_FAILED(t, l, 16), false);
}

/* The call has something recorded inside, or met another. */
static void open_call(struct machine *m, struct call *c)
{
	struct event ev = c->is_write
				  ? ENTER_WRITE(c->thread, M + c->map, c->seq)
				  : ENTER_READ(c->thread, M + c->map, c->seq);

	if (c->is_open)
		return;
	c->is_open = true;
	c->enter = m->n_nodes;
	record(m, FLAGGED(c->was_met ? CMSHIM_OVERLAP : 0, ev), false)->number =
		c->is_write ? c->seq : 0;
}

static void enter(struct machine *m, uint32_t t)
{
	struct call *c = &m->calls[m->n_calls];

	if (m->n_calls == MAX_CALLS)
		return;
	*c = (struct call){
		.thread = t,
		.map = pick(m, 2),
		.is_write = pick(m, 3) == 0,
		.entered = m->step,
		.enter = -1,
		.leave = -1,
	};
	c->was_met = m->active[c->map];
	if (c->is_write) {
		m->starts[c->map]++;
		m->active[c->map]++;
	}
	c->seq = m->starts[c->map];
	m->call[t] = ++m->n_calls;
	if (c->was_met)
		open_call(m, c);
}

static void leave(struct machine *m, uint32_t t)
{
	struct call *c = &m->calls[m->call[t] - 1];
	uint32_t map = M + c->map;

	m->call[t] = 0;
	c->end = m->starts[c->map];
	c->left = m->step;
	if (c->is_write)
		m->active[c->map]--;
	c->leave = m->n_nodes;
	if (c->is_open) {
		record(m, LEAVE(t, map, c->end == c->seq ? 0 : c->end), false);
		return;
	}
	c->enter = c->leave;
	record(m,
	       c->is_write ? WRITE(t, map, c->seq, c->end)
			   : READ(t, map, c->seq, c->end),
	       false)
		->number = c->is_write ? c->seq : 0;
}

/* With different mutexes, so that signals are all that orders some. */
static uint32_t mutex_of(uint32_t t)
{
	return t % 2 ? A : B;
}

static void begin_wait(struct machine *m, uint32_t t)
{
	uint32_t mutex = mutex_of(t);

	if (!m->n_held[t] && is_free(m, mutex, false))
		lock(m, t, mutex, false);
	for (int i = 0; i < m->n_held[t]; i++)
		if (m->held[t][i] == mutex) {
			unlock(m, t, i);
			m->wait[t] =
				record(m, WAIT(t, CONDITION), true)->number;
			m->doing[t] = WAITING;
			m->is_signalled[t] = false;
			return;
		}
}

static void signal_one(struct machine *m, uint32_t t)
{
	struct node *node;

	m->signal[t] = m->n_nodes;
	node = record(m, SIGNAL(t, CONDITION), true);
	node->wait = node->number;
	m->doing[t] = SIGNALLING;
}

/* While the call lasts it may wake any that wait. */
static void end_signal(struct machine *m, uint32_t t)
{
	struct node *node = &m->nodes[m->signal[t]];

	for (uint32_t u = 1; u < N_THREADS; u++)
		m->is_signalled[u] |= m->doing[u] == WAITING && pick(m, 2);
	node->wait = m->numbers[CONDITION];
	if (node->wait != node->number)
		record(m, SIGNALLED(t, CONDITION, node->wait), false);
	m->doing[t] = RUNNING;
}

static void end_wait(struct machine *m, uint32_t t)
{
	uint32_t how = pick(m, 8);
	struct node *node;

	if (!m->is_signalled[t] && how > 1)
		return;
	node = record(m, WAKE(t, CONDITION), true);
	node->ev.code = !m->is_signalled[t] && how == 1 ? 110 : 0;
	node->wait = m->wait[t];
	m->doing[t] = WOKEN;
}

static void meet(struct machine *m, uint32_t t)
{
	if (t > 2 || m->call[t])
		return;
	record(m, ARRIVE(t, BARRIER), true)->generation = m->generation;
	m->arrived_in[t] = m->generation;
	m->doing[t] = AT_BARRIER;
	if (++m->n_arrived == 2) {
		m->n_arrived = 0;
		m->generation++;
	}
}

static void hand_over(struct machine *m, uint32_t t)
{
	switch (pick(m, 6)) {
	case 0:
		record(m, POST(t, SEM), true);
		m->semaphore++;
		break;
	case 1:
		if (m->semaphore) {
			m->semaphore--;
			record(m, TAKE(t, SEM), true);
		}
		break;
	case 2:
		record(m, BEFORE(t, CHANNEL), true);
		break;
	case 3:
		record(m, AFTER(t, CHANNEL), true);
		break;
	case 4:
		if (!m->once_ran)
			record(m, ONCE_RAN(t, ONCE), true);
		m->once_ran = true;
		record(m, ONCE_RETURN(t, ONCE), true);
		break;
	default:
		meet(m, t);
	}
}

static void use_thread(struct machine *m, uint32_t t)
{
	uint32_t other = 2 + pick(m, N_THREADS - 2);

	if (m->doing[other] == NOT_MADE && other != t) {
		record(m, CREATE(t, other), false);
		record(m, BEGIN(other, t), false);
		m->doing[other] = RUNNING;
	} else if (m->doing[other] == OVER && pick(m, 2)) {
		record(m, JOIN(t, other), false);
	} else if (t > 1 && !m->n_held[t] && !pick(m, 3)) {
		record(m, EXIT(t), false);
		record(m, ENDED(t), false);
		m->doing[t] = OVER;
	}
}

/* Call, lock, hand over, wait, signal, thread. */
static const char *const mixes[] = {
	"ccccccclllllhhwst",
	"cclllllhhhhhwsttt",
	"ccwwwsst",
};

static void run_step(struct machine *m, uint32_t t)
{
	if (m->call[t] && pick(m, 3)) {
		leave(m, t);
		return;
	}
	if (m->call[t]) {
		open_call(m, &m->calls[m->call[t] - 1]);
		use_lock(m, t);
		return;
	}
	switch (m->mix[pick(m, (uint32_t)strlen(m->mix))]) {
	case 'c':
		enter(m, t);
		break;
	case 'l':
		use_lock(m, t);
		break;
	case 'h':
		hand_over(m, t);
		break;
	case 'w':
		begin_wait(m, t);
		break;
	case 's':
		signal_one(m, t);
		break;
	default:
		use_thread(m, t);
	}
}

static void step(struct machine *m, uint32_t t)
{
	switch (m->doing[t]) {
	case RUNNING:
		run_step(m, t);
		break;
	case AT_BARRIER:
		if (m->arrived_in[t] == m->generation)
			break;
		record(m, DEPART(t, BARRIER), true)->generation =
			m->arrived_in[t];
		m->doing[t] = RUNNING;
		break;
	case WAITING:
		end_wait(m, t);
		break;
	case WOKEN:
		if (!is_free(m, mutex_of(t), false))
			break;
		lock(m, t, mutex_of(t), false);
		m->doing[t] = RUNNING;
		break;
	case SIGNALLING:
		if (pick(m, 2))
			end_signal(m, t);
		break;
	case NOT_MADE:
	case OVER:
		break;
	}
}

static void play(struct machine *m)
{
	m->doing[1] = RUNNING;
	while (m->step < N_STEPS && m->n_nodes < MAX_NODES - 8) {
		m->step++;
		step(m, 1 + pick(m, N_THREADS - 1));
	}
	/* Calls that never end are of killed processes: not of these. */
	for (uint32_t t = 1; t < N_THREADS; t++)
		if (m->call[t] && m->n_nodes < MAX_NODES)
			leave(m, t);
}

/* The reference. */

static bool is_before(const struct machine *m, int a, int b)
{
	return m->before[b][a / 64] >> a % 64 & 1;
}

static bool is_release(const struct node *n)
{
	return n->ev.op == CMSHIM_OP_RELEASE ||
	       n->ev.op == CMSHIM_OP_RELEASE_SHARED;
}

static bool is_acquire(const struct node *n)
{
	return n->ev.op == CMSHIM_OP_ACQUIRE ||
	       n->ev.op == CMSHIM_OP_ACQUIRE_SHARED;
}

static bool is_signal_edge(const struct node *a, const struct node *b)
{
	return a->ev.op == CMSHIM_OP_SIGNAL && b->ev.op == CMSHIM_OP_WAKE &&
	       !b->ev.code && a->number < b->number && a->wait >= b->wait;
}

/* Whether a, the earlier, is directly before b. */
static bool has_edge(const struct node *a, const struct node *b)
{
	const struct event *x = &a->ev, *y = &b->ev;

	if (x->thread == y->thread)
		return true;
	if (x->op == CMSHIM_OP_CREATE && y->op == CMSHIM_OP_START)
		return x->other == y->thread;
	if (y->op == CMSHIM_OP_JOIN)
		return x->thread == y->other;
	if (x->object != y->object || !x->object)
		return false;
	if (is_release(a) && is_acquire(b))
		return !(x->shared && y->shared);
	return (x->op == CMSHIM_OP_POST && y->op == CMSHIM_OP_TAKE) ||
	       (x->op == CMSHIM_OP_HAPPENS_BEFORE &&
		y->op == CMSHIM_OP_HAPPENS_AFTER) ||
	       (x->op == CMSHIM_OP_ONCE_RAN &&
		y->op == CMSHIM_OP_ONCE_RETURN) ||
	       (x->op == CMSHIM_OP_ARRIVE && y->op == CMSHIM_OP_DEPART &&
		a->generation == b->generation);
}

static void close_over(struct machine *m, bool with_signals)
{
	memset(m->before, 0, sizeof(m->before));
	for (int b = 0; b < m->n_nodes; b++)
		for (int a = 0; a < b; a++) {
			const struct node *x = &m->nodes[a], *y = &m->nodes[b];

			if (!has_edge(x, y) &&
			    !(with_signals && is_signal_edge(x, y)))
				continue;
			m->before[b][a / 64] |= 1ull << a % 64;
			for (int i = 0; i < WORDS; i++)
				m->before[b][i] |= m->before[a][i];
		}
}

static bool is_race(const struct machine *m, const struct call *a,
		    const struct call *b)
{
	return a->map == b->map && a->thread != b->thread &&
	       (a->is_write || b->is_write) && a->leave >= 0 && b->leave >= 0 &&
	       !is_before(m, a->leave, b->enter) &&
	       !is_before(m, b->leave, a->enter);
}

static bool has_race(const struct machine *m, uint32_t map)
{
	for (int i = 0; i < m->n_calls; i++)
		for (int k = 0; k < i; k++)
			if (m->calls[i].map == map &&
			    is_race(m, &m->calls[i], &m->calls[k]))
				return true;
	return false;
}

static const struct call *call_of(const struct machine *m, uint32_t stack)
{
	for (int i = 0; i < m->n_calls; i++)
		if (m->calls[i].enter + 1 == (int)stack)
			return &m->calls[i];
	ck_abort_msg("no call was made at %u", stack);
	return NULL;
}

/* The merge. */

struct merge {
	int at[N_THREADS]; /* node that comes next; n_nodes: none */
	uint64_t last[SCRIPT_OBJECTS];
	bool is_done[MAX_NODES];
};

static int next_of(const struct machine *m, int from, uint32_t thread)
{
	while (from < m->n_nodes && m->nodes[from].ev.thread != thread)
		from++;
	return from;
}

static bool may_come(const struct machine *m, const struct merge *g, int i)
{
	const struct node *n = &m->nodes[i];
	const struct event *ev = &n->ev;
	bool is_map = ev->object == M || ev->object == N;

	if (ev->op == CMSHIM_OP_START)
		for (int k = 0; k < i; k++)
			if (m->nodes[k].ev.op == CMSHIM_OP_CREATE &&
			    m->nodes[k].ev.other == ev->thread)
				return g->is_done[k];
	if (ev->op == CMSHIM_OP_JOIN)
		return g->at[ev->other] == m->n_nodes;
	if (ev->op == CMSHIM_OP_SIGNALLED || ev->op == CMSHIM_OP_MAP_EXIT)
		return ev->end <= g->last[ev->object];
	if (n->number)
		return n->number == g->last[ev->object] + 1;
	return !is_map || ev->seq <= g->last[ev->object];
}

/* Who was woken by a call that may have ended already is left open. */
static void look_for_doubt(struct machine *m, const struct merge *g, int i)
{
	const struct node *n = &m->nodes[i];
	const struct event *ev = &n->ev;

	if (ev->object != CONDITION ||
	    (ev->op != CMSHIM_OP_WAKE && ev->op != CMSHIM_OP_WAIT))
		return;
	for (int k = 0; k < m->n_nodes; k++) {
		const struct node *s = &m->nodes[k];

		if (s->ev.op != CMSHIM_OP_SIGNAL || !g->is_done[k])
			continue;
		if (next_of(m, k + 1, s->ev.thread) != g->at[s->ev.thread])
			continue;
		m->is_doubtful = true;
	}
}

static void deliver(struct machine *m, struct merge *g, int i)
{
	struct node *n = &m->nodes[i];
	uint32_t t = n->ev.thread;

	look_for_doubt(m, g, i);
	if (n->number)
		g->last[n->ev.object] = n->number;
	g->is_done[i] = true;
	g->at[t] = next_of(m, i + 1, t);
	if (n->is_lost && n->number)
		m->stream[m->n_stream++] = GAP(n->ev.object);
	else if (n->is_lost)
		m->stream[m->n_stream++] = DROP(t);
	else
		m->stream[m->n_stream++] = n->ev;
}

static void merge_all(struct machine *m)
{
	struct merge g = { .at = { 0 } };
	uint32_t stay = pick(m, 16), t = 1, stuck = 0;
	int n = 0;

	for (uint32_t i = 1; i < N_THREADS; i++)
		g.at[i] = next_of(m, 0, i);
	g.at[0] = m->n_nodes;
	m->n_stream = 0;
	m->is_doubtful = false;
	while (n < m->n_nodes) {
		if (stuck)
			t = 1 + t % (N_THREADS - 1);
		else if (pick(m, 16) >= stay)
			t = 1 + pick(m, N_THREADS - 1);
		if (g.at[t] < m->n_nodes && may_come(m, &g, g.at[t])) {
			deliver(m, &g, g.at[t]);
			n++;
			stuck = 0;
		} else if (++stuck > N_THREADS) {
			ck_abort_msg("seed %" PRIu64 ": the merge is stuck",
				     m->seed);
		}
	}
}

/* The comparison. */

struct verdict {
	bool is_unordered[2], is_by_signal[2], is_found[2];
};

static struct verdict judge(const struct machine *m)
{
	const struct report *r =
		run_story(&analysis_map_race, m->stream, m->n_stream, NULL);
	struct verdict v = { .is_found = { false } };

	for (size_t i = 0; i < report_n_added(r); i++) {
		const struct finding *f = report_added(r, i);
		uint32_t map = f->object - M;

		v.is_found[map] = true;
		if (f->tier == TIER_PREDICTED) {
			v.is_unordered[map] = true;
			demand(m,
			       is_race(m, call_of(m, f->sides[0].stack),
				       call_of(m, f->sides[1].stack)),
			       "the calls shown are ordered");
		} else if (strstr(f->message, "signal")) {
			v.is_by_signal[map] = true;
		}
	}
	return v;
}

static void check_overlaps(const struct machine *m)
{
	const struct report *r =
		run_story(&analysis_overlap, m->stream, m->n_stream, NULL);

	for (size_t i = 0; i < report_n_added(r); i++) {
		const struct finding *f = report_added(r, i);

		demand(m, strcmp(f->rule->id, "map-race-overlap") == 0,
		       "calls that met are said to be ordered");
		if (f->n_sides == 2)
			demand(m,
			       is_race(m, call_of(m, f->sides[0].stack),
				       call_of(m, f->sides[1].stack)),
			       "calls that met are ordered");
	}
}

static struct machine *machine_new(uint64_t seed)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (!m)
		ck_abort_msg("out of memory");
	m->seed = seed;
	m->random = seed * 0x9e3779b97f4a7c15u + 1;
	m->mix = mixes[pick(m, 3)];
	play(m);
	merge_all(m);
	return m;
}

START_TEST(unordered_calls_are_those_of_the_reference)
{
	unsigned n_races = 0, n_silent = 0, n_doubtful = 0;

	for (uint64_t seed = 1; seed <= N_RUNS; seed++) {
		struct machine *m = machine_new(seed);
		struct verdict v;

		close_over(m, true);
		check_overlaps(m);
		v = judge(m);
		n_doubtful += m->is_doubtful;
		for (uint32_t map = 0; map < 2; map++) {
			bool is = has_race(m, map);

			demand(m, is || !v.is_unordered[map], "false");
			demand(m, !is || v.is_unordered[map] || m->is_doubtful,
			       "not found");
			n_races += v.is_unordered[map];
			n_silent += !is;
		}
		free(m);
	}
	ck_assert_uint_gt(n_races, N_RUNS / 4);
	ck_assert_uint_gt(n_silent, N_RUNS / 4);
	ck_assert_uint_lt(n_doubtful, N_RUNS / 2);
}
END_TEST

START_TEST(calls_ordered_by_signals_only_are_those_of_the_reference)
{
	unsigned n = 0;

	for (uint64_t seed = 1; seed <= 4 * N_RUNS; seed++) {
		struct machine *m = machine_new(seed);
		struct verdict v;
		bool unordered[2];

		close_over(m, true);
		v = judge(m);
		unordered[0] = has_race(m, 0);
		unordered[1] = has_race(m, 1);
		close_over(m, false);
		for (uint32_t map = 0; map < 2; map++) {
			if (unordered[map])
				continue;
			demand(m, !v.is_by_signal[map] || has_race(m, map),
			       "false");
			demand(m, !has_race(m, map) || v.is_found[map],
			       "not found");
			n += v.is_by_signal[map];
		}
		free(m);
	}
	ck_assert_uint_gt(n, N_RUNS / 400);
}
END_TEST

START_TEST(another_merge_finds_the_same)
{
	for (uint64_t seed = 1; seed <= N_RUNS / 4; seed++) {
		struct machine *m = machine_new(seed);
		bool is_doubtful = m->is_doubtful;
		struct verdict v, other;

		close_over(m, true);
		v = judge(m);
		merge_all(m);
		other = judge(m);
		if (!is_doubtful && !m->is_doubtful)
			demand(m,
			       memcmp(v.is_unordered, other.is_unordered,
				      sizeof(v.is_unordered)) == 0,
			       "it depends on the merge");
		free(m);
	}
}
END_TEST

/* Nothing, or a gap where a number is missing, or a note that it is. */
START_TEST(missing_events_make_nothing_up)
{
	unsigned n = 0;

	for (uint64_t seed = 1; seed <= N_RUNS; seed++) {
		struct machine *m = machine_new(seed);
		struct verdict v;

		close_over(m, true);
		for (int i = 0; i < m->n_nodes; i++) {
			const struct event *ev = &m->nodes[i].ev;

			m->nodes[i].is_lost =
				ev->object != M && ev->object != N &&
				ev->op < EVENT_GAP && !pick(m, 24);
		}
		merge_all(m);
		v = judge(m);
		for (uint32_t map = 0; map < 2; map++) {
			demand(m, has_race(m, map) || !v.is_unordered[map],
			       "false");
			n += v.is_unordered[map];
		}
		free(m);
	}
	ck_assert_uint_gt(n, N_RUNS / 50);
}
END_TEST

/* A lock around everything leaves nothing unordered. */
START_TEST(one_lock_around_every_call_orders_all)
{
	for (uint64_t seed = 1; seed <= N_RUNS / 4; seed++) {
		struct machine *m = machine_new(seed);
		struct event story[4 * MAX_NODES];
		size_t n = 0;
		uint64_t numbers[2] = { 0, 0 };

		for (int i = 0; i < m->n_nodes; i++) {
			struct event ev = m->nodes[i].ev;

			if (ev.op == CMSHIM_OP_MAP_ENTER ||
			    ev.op == CMSHIM_OP_MAP_EXIT)
				continue;
			if (ev.object != M && ev.object != N) {
				story[n++] = ev;
				continue;
			}
			numbers[ev.object - M] += ev.op == CMSHIM_OP_MAP_WRITE;
			ev.seq = ev.end = numbers[ev.object - M];
			story[n++] = ACQUIRE(ev.thread, C);
			story[n++] = ev;
			story[n++] = RELEASE(ev.thread, C);
		}
		demand(m,
		       report_n_added(run_story(&analysis_map_race, story, n,
						NULL)) == 0,
		       "a guarded map is reported");
		free(m);
	}
}
END_TEST

Suite *suite_map_race_model(void)
{
	Suite *s = suite_create("map_race_model");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, unordered_calls_are_those_of_the_reference);
	tcase_add_test(
		tc, calls_ordered_by_signals_only_are_those_of_the_reference);
	tcase_add_test(tc, another_merge_finds_the_same);
	tcase_add_test(tc, missing_events_make_nothing_up);
	tcase_add_test(tc, one_lock_around_every_call_orders_all);
	suite_add_tcase(s, tc);
	return s;
}

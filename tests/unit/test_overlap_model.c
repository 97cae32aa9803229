/* SPDX-License-Identifier: MIT */
/*
 * Overlap against a model: threads make random calls on two maps whose words
 * (starts, active) are kept as the recorder keeps them; the model knows which
 * calls were inside at once, the analysis sees the recorder's events only, in
 * a random order of those that the merge may choose.
 *
 * What is found must have been so, always.  What the numbers prove must be
 * found.  Where they leave it open, the finding must say so, and one of its
 * candidates must have been so.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "script.h"
#include "suites.h"

enum {
	MAX_CALLS = 64,
	MAX_EVENTS = 4 * MAX_CALLS,
	MAX_THREADS = 4,
	MAX_DEPTH = 3,
	N_MAPS = 2,
	N_PLACES = 6, /* even ones write */
	NEVER = 1 << 20,
};

struct call {
	unsigned thread, map, place;
	bool is_write, met, is_inner;
	bool is_told;	/* something of it was recorded */
	bool is_opened; /* by an ENTER of its own */
	bool is_closed;
	int entered, left; /* steps of the model */
	uint64_t seq, end;
};

struct model {
	uint64_t seed, random;
	unsigned n_threads;
	bool own_counts; /* an inner call is told of its own outer one */
	struct call calls[MAX_CALLS];
	size_t n_calls;
	uint64_t starts[N_MAPS], active[N_MAPS];
	size_t open[MAX_THREADS][MAX_DEPTH]; /* indices in calls */
	size_t depth[MAX_THREADS];
	struct event told[MAX_THREADS][MAX_EVENTS];
	size_t n_told[MAX_THREADS];
	int step;
};

/* Check writes down each assertion that holds; here there are too many. */
static void demand(const struct model *m, bool is_true, const char *what)
{
	if (!is_true)
		ck_abort_msg("seed %" PRIu64 ": %s", m->seed, what);
}

static unsigned pick(struct model *m, unsigned n)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return (unsigned)(m->random >> 20) % n;
}

static void record(struct model *m, const struct call *c, struct event ev)
{
	size_t *n = &m->n_told[c->thread];

	ev.call = c->is_write ? INSERT : LOOKUP;
	if (c->is_inner)
		ev.flags |= CMSHIM_INNER;
	m->told[c->thread][(*n)++] = AT(c->place + 1, ev);
}

static struct event entry_of(const struct call *c, int op)
{
	unsigned flags = c->met ? CMSHIM_OVERLAP : 0;

	if (c->is_write && op == CMSHIM_OP_MAP_ENTER)
		flags |= CMSHIM_WRITE;
	return FLAGGED(flags,
		       told_map(op, c->thread + 1, M + c->map, c->seq, c->seq));
}

/* Before anything is recorded inside a call, or if it met another. */
static void open_call(struct model *m, struct call *c)
{
	if (!c->is_opened)
		record(m, c, entry_of(c, CMSHIM_OP_MAP_ENTER));
	c->is_opened = true;
	c->is_told = true;
}

static void enter(struct model *m, unsigned thread)
{
	struct call *c = &m->calls[m->n_calls];
	uint64_t own = 0;

	*c = (struct call){
		.thread = thread,
		.map = pick(m, 4) / 3,
		.place = pick(m, N_PLACES),
		.entered = m->step,
		.left = NEVER,
	};
	c->is_write = c->place % 2 == 0;
	for (size_t i = 0; i < m->depth[thread]; i++) {
		struct call *outer = &m->calls[m->open[thread][i]];

		open_call(m, outer);
		if (outer->map != c->map)
			continue;
		c->is_inner = true;
		own += outer->is_write;
	}

	c->met = m->active[c->map] > (m->own_counts ? 0 : own);
	if (c->is_write) {
		m->starts[c->map]++;
		m->active[c->map]++;
	}
	c->seq = m->starts[c->map];
	c->end = c->seq;
	if (c->met)
		open_call(m, c);
	m->open[thread][m->depth[thread]++] = m->n_calls++;
}

static void leave(struct model *m, unsigned thread)
{
	struct call *c = &m->calls[m->open[thread][--m->depth[thread]]];
	struct event ev;

	c->left = m->step;
	c->end = m->starts[c->map];
	c->is_closed = true;
	c->is_told = true;
	if (c->is_write)
		m->active[c->map]--;
	if (c->is_opened)
		ev = LEAVE(thread + 1, M + c->map,
			   c->end == c->seq ? 0 : c->end);
	else
		ev = entry_of(c, c->is_write ? CMSHIM_OP_MAP_WRITE
					     : CMSHIM_OP_MAP_READ);
	if (!c->is_opened)
		ev.end = c->end;
	record(m, c, ev);
}

/* If killed, calls stay open and those not told of leave no trace. */
static void play(struct model *m, bool killed)
{
	while (m->n_calls < MAX_CALLS) {
		unsigned thread = pick(m, m->n_threads);

		m->step++;
		if (m->depth[thread] && pick(m, 5) < 3)
			leave(m, thread);
		else if (m->depth[thread] < MAX_DEPTH &&
			 (!m->depth[thread] || pick(m, 2)))
			enter(m, thread);
	}
	for (unsigned t = 0; t < m->n_threads; t++)
		while (!killed && m->depth[t]) {
			m->step++;
			leave(m, t);
		}
}

struct merge {
	size_t at[MAX_THREADS];
	uint64_t last[N_MAPS];
	struct event events[MAX_EVENTS + MAX_CALLS];
	size_t n;
	bool has_gap[N_MAPS];
};

static bool is_numbered(const struct event *ev)
{
	return ev->op == CMSHIM_OP_MAP_WRITE ||
	       (ev->op == CMSHIM_OP_MAP_ENTER && ev->flags & CMSHIM_WRITE);
}

static bool may_come(const struct merge *g, const struct event *ev,
		     bool reads_wait)
{
	uint64_t last = g->last[ev->object - M];

	if (is_numbered(ev))
		return ev->seq == last + 1;
	return ev->op == CMSHIM_OP_MAP_EXIT || !reads_wait || ev->seq <= last;
}

static bool is_recorded(const struct model *m, unsigned map, uint64_t number)
{
	for (size_t i = 0; i < m->n_calls; i++) {
		const struct call *c = &m->calls[i];

		if (c->map == map && c->is_write && c->seq == number)
			return c->is_told;
	}
	return false;
}

/* No thread can go on: the next number of some map was never recorded. */
static void skip_number(const struct model *m, struct merge *g)
{
	for (unsigned map = 0; map < N_MAPS; map++) {
		if (g->last[map] >= m->starts[map] ||
		    is_recorded(m, map, g->last[map] + 1))
			continue;
		g->events[g->n++] = GAP(M + map);
		g->has_gap[map] = true;
		g->last[map]++;
		return;
	}
	ck_abort_msg("the model's merge is stuck");
}

static void merge_all(struct model *m, struct merge *g, bool reads_wait)
{
	unsigned stay = pick(m, 16), thread = 0, stuck = 0;

	for (;;) {
		size_t left = 0;

		for (unsigned t = 0; t < m->n_threads; t++)
			left += m->n_told[t] - g->at[t];
		if (!left)
			return;
		if (stuck)
			thread = (thread + 1) % m->n_threads;
		else if (pick(m, 16) >= stay)
			thread = pick(m, m->n_threads);
		if (g->at[thread] < m->n_told[thread] &&
		    may_come(g, &m->told[thread][g->at[thread]], reads_wait)) {
			const struct event *ev =
				&m->told[thread][g->at[thread]++];

			if (is_numbered(ev))
				g->last[ev->object - M]++;
			g->events[g->n++] = *ev;
			stuck = 0;
		} else if (++stuck > m->n_threads) {
			skip_number(m, g);
			stuck = 0;
		}
	}
}

static bool conflict(const struct call *a, const struct call *b)
{
	return a->map == b->map && a->thread != b->thread &&
	       (a->is_write || b->is_write) && a->entered < b->left &&
	       b->entered < a->left;
}

/* By map and places; the second index is not below the first. */
struct pairs {
	bool is[N_MAPS][N_PLACES][N_PLACES];
};

static void set_pair(struct pairs *p, unsigned map, unsigned a, unsigned b)
{
	p->is[map][a < b ? a : b][a < b ? b : a] = true;
}

static bool has_pair(const struct pairs *p, unsigned map, unsigned a,
		     unsigned b)
{
	return p->is[map][a < b ? a : b][a < b ? b : a];
}

/* Places of writes that a read may have met, as far as numbers say. */
static unsigned n_candidate_places(const struct model *m, const struct call *r)
{
	bool is[N_PLACES] = { false };
	unsigned n = 0;

	for (size_t i = 0; i < m->n_calls; i++) {
		const struct call *w = &m->calls[i];

		if (w->is_write && w->map == r->map && w->thread != r->thread &&
		    w->seq <= r->seq && (!w->is_closed || w->end >= r->seq) &&
		    !is[w->place]) {
			is[w->place] = true;
			n++;
		}
	}
	return n;
}

/* Whether a write that a read may have met was never recorded. */
static bool may_be_untold(const struct model *m, const struct call *r)
{
	for (size_t i = 0; i < m->n_calls; i++) {
		const struct call *w = &m->calls[i];

		if (w->is_write && w->map == r->map && !w->is_told &&
		    w->seq <= r->seq)
			return true;
	}
	return false;
}

/* Whether the numbers prove that b, entered later, met a. */
static bool is_provable(const struct model *m, const struct merge *g,
			const struct call *a, const struct call *b)
{
	if (!a->is_told || !b->is_told || g->has_gap[a->map])
		return false;
	if (b->is_write || !a->is_closed || a->end > b->seq)
		return true;
	return !b->is_inner && !may_be_untold(m, b) &&
	       n_candidate_places(m, b) == 1;
}

static void assert_true_one_of(const struct model *m, const struct finding *f,
			       unsigned map, const struct pairs *happened)
{
	bool any = false;

	for (size_t i = 1; i < f->n_sides; i++)
		any |= has_pair(happened, map, f->sides[0].stack - 1,
				f->sides[i].stack - 1);
	demand(m, any, "none of the candidates was met");
}

/* Reads that met a write, it is open which: some finding must tell of it. */
static void assert_told(const struct model *m, const struct merge *g,
			const struct pairs *found, const struct pairs *open)
{
	for (size_t i = 0; i < m->n_calls; i++) {
		const struct call *r = &m->calls[i];
		bool is_found = false;

		if (r->is_write || !r->met || !r->is_told || r->is_inner ||
		    g->has_gap[r->map] || may_be_untold(m, r))
			continue;
		for (unsigned p = 0; p < N_PLACES; p++)
			is_found |= has_pair(found, r->map, r->place, p);
		demand(m,
		       is_found || has_pair(open, r->map, r->place, r->place),
		       "a read that met a write is not told of");
	}
}

static void know(const struct model *m, const struct merge *g,
		 struct pairs *happened, struct pairs *provable)
{
	for (size_t i = 0; i < m->n_calls; i++)
		for (size_t j = i + 1; j < m->n_calls; j++) {
			const struct call *a = &m->calls[i], *b = &m->calls[j];

			if (!conflict(a, b))
				continue;
			set_pair(happened, a->map, a->place, b->place);
			if (is_provable(m, g, a, b))
				set_pair(provable, a->map, a->place, b->place);
		}
}

/* Returns how many pairs had to be found. */
static unsigned compare(const struct model *m, const struct merge *g,
			const struct report *r)
{
	struct pairs happened = { 0 }, provable = { 0 }, found = { 0 };
	struct pairs open = { 0 };
	unsigned n = 0;

	know(m, g, &happened, &provable);
	for (size_t i = 0; i < report_n_added(r); i++) {
		const struct finding *f = report_added(r, i);
		unsigned map = f->object - M;
		unsigned a = f->sides[0].stack - 1, b = f->sides[1].stack - 1;

		if (f->n_sides > 2) {
			assert_true_one_of(m, f, map, &happened);
			set_pair(&open, map, a, a);
			continue;
		}
		demand(m, has_pair(&happened, map, a, b), "false");
		demand(m, !has_pair(&found, map, a, b), "not folded");
		set_pair(&found, map, a, b);
	}

	for (unsigned map = 0; map < N_MAPS; map++)
		for (unsigned a = 0; a < N_PLACES; a++)
			for (unsigned b = a; b < N_PLACES; b++)
				if (has_pair(&provable, map, a, b)) {
					demand(m, has_pair(&found, map, a, b),
					       "not found");
					n++;
				}
	assert_told(m, g, &found, &open);
	return n;
}

static unsigned run_model(uint64_t seed, bool killed)
{
	struct model *m = calloc(1, sizeof(*m));
	struct merge *g = calloc(1, sizeof(*g));
	unsigned n;

	if (!m || !g)
		ck_abort_msg("out of memory");
	m->seed = seed;
	m->random = seed * 0x9e3779b97f4a7c15u + 1;
	m->n_threads = 2 + pick(m, 3);
	m->own_counts = pick(m, 2);
	play(m, killed);
	merge_all(m, g, pick(m, 2));
	n = compare(m, g, run_story(&analysis_overlap, g->events, g->n, NULL));
	free(m);
	free(g);
	return n;
}

enum { RUNS = 10000 };

START_TEST(findings_are_the_overlaps_of_the_model)
{
	unsigned n = 0;

	for (uint64_t seed = 1; seed <= RUNS; seed++)
		n += run_model(seed, false);
	ck_assert_uint_gt(n, RUNS);
}
END_TEST

START_TEST(findings_of_killed_processes_happened)
{
	unsigned n = 0;

	for (uint64_t seed = 1; seed <= RUNS; seed++)
		n += run_model(seed, true);
	ck_assert_uint_gt(n, RUNS);
}
END_TEST

Suite *suite_overlap_model(void)
{
	Suite *s = suite_create("overlap_model");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, findings_are_the_overlaps_of_the_model);
	tcase_add_test(tc, findings_of_killed_processes_happened);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/*
 * Unordered accesses against a simple reference.
 *
 * What a machine with true locks has recorded (race_machine.h) is shown to
 * the analysis in a random order of those that the merge may choose.  The
 * reference writes down every edge between two events by its definition and
 * takes the transitive closure.  It shares no code with what it tests.
 *
 * A map is reported as unordered if and only if two conflicting calls on it
 * are, and the two that are shown are such.  Calls that were inside at once
 * are never ordered.  With events missing nothing new is found.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "race_machine.h"
#include "race_story.h"
#include "suites.h"

enum { N_RUNS = 12000 };

static void demand(const struct machine *m, bool is_true, const char *what)
{
	if (!is_true)
		ck_abort_msg("seed %" PRIu64 ": %s", m->seed, what);
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
			for (int i = 0; i < MACHINE_WORDS; i++)
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

/* The comparison. */

struct verdict {
	bool is_unordered[2], is_by_signal[2], is_found[2];
};

static struct verdict judge(const struct machine *m)
{
	const struct report *r =
		run_story(map_race_alone(), m->stream, m->n_stream, NULL);
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
		machine_merge(m);
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
				ev->op < EVENT_GAP && !machine_pick(m, 24);
		}
		machine_merge(m);
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
		       report_n_added(run_story(map_race_alone(), story, n,
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

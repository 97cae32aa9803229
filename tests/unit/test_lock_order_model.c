/* SPDX-License-Identifier: MIT */
/*
 * The analysis of lock orders against all runs of small random programs.
 *
 * A program is a list of steps for each of two or three threads: sections
 * under mutexes and rwlocks, nested, some entered by a try, and threads that
 * create and join others.  It has no data, so a thread does the same in every
 * run, and the places where the threads are say all about a state.  All
 * states that some run reaches are visited; in the deadlocked ones it is
 * written down who waits for whom.  The trace of one run that went well is
 * then shown to the analysis.
 *
 * What has to hold:
 *
 * Complete: every deadlock that some run reaches is reported, with exactly
 * its threads at exactly its places.
 *
 * Sound: if threads are created and joined outside of all sections, a circle
 * that is reported is reached by some run.  (Run what always comes before
 * each request, but without the sections the requests are in, in the order of
 * the trace: whole sections that are left out stand in nobody's way.  Then
 * enter these sections one thread after the other: what they hold in the end
 * are different locks.)  This is exact where these sections close no inner
 * one before the request.  Where they do, the threads may run into another
 * deadlock on the way, which then is one of these same threads.
 *
 * Predicted: it is said of just those that a sync-preserving run reaches, one
 * that keeps the order in which the trace took each lock.  That is tried by
 * visiting the states of such runs.  It is sound inside sections too.
 *
 * Inside sections the rest does not hold: a lock that the parent holds from
 * create to join keeps its child apart from others, which is not looked at.
 */
#include <stdlib.h>

#include "script.h"
#include "suites.h"

extern const struct analysis analysis_lock_order;

enum { MAX_THREADS = 3, MAX_STEPS = 48, MAX_HANGS = 4096, N_PROGRAMS = 4000 };

enum step_op { LOCK_STEP, TRY_STEP, UNLOCK_STEP, CREATE_STEP, JOIN_STEP };

struct step {
	enum step_op op;
	uint32_t lock; /* of CREATE and JOIN: the thread, from 0 */
	bool shared;
};

struct hold {
	uint32_t lock;
	bool shared;
};

struct script {
	struct step steps[MAX_STEPS];
	uint32_t n;
	/* What is held before each step. */
	struct hold held[MAX_STEPS + 1][4];
	uint32_t n_held[MAX_STEPS + 1];
};

struct program {
	struct script threads[MAX_THREADS];
	uint32_t n;
	bool is_tidy; /* creates and joins outside of sections only */
};

/* Threads that wait for each other, at[i] is its step plus 1; 0: not in it. */
struct hang {
	uint32_t at[MAX_THREADS];
};

struct hangs {
	struct hang all[MAX_HANGS];
	size_t n;
};

/* When the trace did each step, from 1. */
struct done_at {
	size_t of[MAX_THREADS][MAX_STEPS];
};

static uint32_t seed;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(seed >> 8) * sides >> 24);
}

static void add_step(struct script *s, enum step_op op, uint32_t lock,
		     bool shared)
{
	uint32_t n = s->n_held[s->n];
	struct hold *now = s->held[s->n], *next = s->held[s->n + 1];

	ck_assert_uint_lt(s->n, MAX_STEPS);
	s->steps[s->n++] =
		(struct step){ .op = op, .lock = lock, .shared = shared };
	s->n_held[s->n] = 0;
	for (uint32_t i = 0; i < n; i++)
		if (op != UNLOCK_STEP || now[i].lock != lock)
			next[s->n_held[s->n]++] = now[i];
	if (op == LOCK_STEP || op == TRY_STEP)
		next[s->n_held[s->n]++] =
			(struct hold){ .lock = lock, .shared = shared };
}

static bool holds(const struct script *s, uint32_t at, uint32_t lock)
{
	for (uint32_t i = 0; i < s->n_held[at]; i++)
		if (s->held[at][i].lock == lock)
			return true;
	return false;
}

static void add_section(struct script *s, uint32_t depth)
{
	static const uint32_t locks[] = { A, B, C, RW, RW2 };
	uint32_t lock = locks[dice(5)];
	bool shared = (lock == RW || lock == RW2) && dice(2);
	uint32_t inner = depth < 3 ? dice(3) : 0;

	if (holds(s, s->n, lock) || s->n > MAX_STEPS - 16)
		return;
	add_step(s, dice(8) ? LOCK_STEP : TRY_STEP, lock, shared);
	for (uint32_t i = 0; i < inner; i++)
		add_section(s, depth + 1);
	add_step(s, UNLOCK_STEP, lock, shared);
}

static void add_sections(struct script *s, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		add_section(s, 1);
}

/* The step that touches another thread, maybe with a lock held. */
static void meet_thread(const struct program *p, struct script *s,
			enum step_op op, uint32_t thread)
{
	bool inside = !p->is_tidy && dice(2);

	if (inside)
		add_step(s, LOCK_STEP, C, false);
	add_step(s, op, thread, false);
	if (inside)
		add_step(s, UNLOCK_STEP, C, false);
}

static struct program make_program(void)
{
	struct program p = { .n = 2 + dice(2), .is_tidy = dice(3) };
	struct script *first = &p.threads[0], *second = &p.threads[1];
	struct script *parent = dice(4) ? first : second;

	add_sections(first, dice(2));
	meet_thread(&p, first, CREATE_STEP, 1);
	add_sections(second, dice(2));
	if (p.n == 3) {
		add_sections(parent, dice(2));
		meet_thread(&p, parent, CREATE_STEP, 2);
		add_sections(&p.threads[2], 1 + dice(2));
	}
	add_sections(first, dice(2));
	add_sections(second, 1 + dice(2));
	if (p.n == 3 && dice(3))
		meet_thread(&p, parent, JOIN_STEP, 2);
	if (dice(3))
		meet_thread(&p, first, JOIN_STEP, 1);
	add_sections(first, dice(2));
	return p;
}

static bool is_created(const struct program *p, const uint32_t *at,
		       uint32_t thread)
{
	for (uint32_t i = 0; i < p->n; i++)
		for (uint32_t k = 0; k < at[i]; k++)
			if (p->threads[i].steps[k].op == CREATE_STEP &&
			    p->threads[i].steps[k].lock == thread)
				return true;
	return thread == 0;
}

/* Whether `holder` has what `thread` wants to lock next. */
static bool is_in_the_way(const struct program *p, const uint32_t *at,
			  uint32_t thread, uint32_t holder)
{
	const struct script *s = &p->threads[holder];
	const struct step *step = &p->threads[thread].steps[at[thread]];

	if (thread == holder || at[thread] == p->threads[thread].n ||
	    (step->op != LOCK_STEP && step->op != TRY_STEP))
		return false;
	for (uint32_t i = 0; i < s->n_held[at[holder]]; i++) {
		const struct hold *h = &s->held[at[holder]][i];

		if (h->lock == step->lock && !(h->shared && step->shared))
			return true;
	}
	return false;
}

static bool can_step(const struct program *p, const uint32_t *at,
		     uint32_t thread)
{
	const struct script *s = &p->threads[thread];

	if (at[thread] == s->n || !is_created(p, at, thread))
		return false;
	if (s->steps[at[thread]].op == JOIN_STEP) {
		uint32_t other = s->steps[at[thread]].lock;

		return at[other] == p->threads[other].n;
	}
	for (uint32_t i = 0; i < p->n; i++)
		if (is_in_the_way(p, at, thread, i))
			return false;
	return true;
}

/* Waits for it, and not only tries. */
static bool waits_for(const struct program *p, const uint32_t *at,
		      uint32_t thread, uint32_t holder)
{
	return is_in_the_way(p, at, thread, holder) &&
	       is_created(p, at, thread) &&
	       p->threads[thread].steps[at[thread]].op == LOCK_STEP;
}

static bool has_hang(const struct hangs *hangs, const struct hang *h)
{
	for (size_t i = 0; i < hangs->n; i++)
		if (hangs->all[i].at[0] == h->at[0] &&
		    hangs->all[i].at[1] == h->at[1] &&
		    hangs->all[i].at[2] == h->at[2])
			return true;
	return false;
}

static void add_hang(struct hangs *hangs, const struct hang *h)
{
	if (has_hang(hangs, h))
		return;
	ck_assert_uint_lt(hangs->n, MAX_HANGS);
	hangs->all[hangs->n++] = *h;
}

static void add_hangs_of(const struct program *p, const uint32_t *at,
			 struct hangs *hangs)
{
	bool w[MAX_THREADS][MAX_THREADS] = { { false } };
	bool is_pair = false;

	for (uint32_t i = 0; i < p->n; i++)
		for (uint32_t k = 0; k < p->n; k++)
			w[i][k] = waits_for(p, at, i, k);
	for (uint32_t i = 0; i < p->n; i++)
		for (uint32_t k = i + 1; k < p->n; k++)
			if (w[i][k] && w[k][i]) {
				struct hang h = { .at = { 0 } };

				h.at[i] = at[i] + 1;
				h.at[k] = at[k] + 1;
				add_hang(hangs, &h);
				is_pair = true;
			}
	if (!is_pair && ((w[0][1] && w[1][2] && w[2][0]) ||
			 (w[0][2] && w[2][1] && w[1][0])))
		add_hang(hangs, &(struct hang){ .at = { at[0] + 1, at[1] + 1,
							at[2] + 1 } });
}

/* Whether the step takes a lock before what took it, in its way, earlier. */
static bool overtakes(const struct program *p, const uint32_t *at,
		      uint32_t thread, const struct done_at *done)
{
	const struct step *step = &p->threads[thread].steps[at[thread]];
	size_t when = done->of[thread][at[thread]];

	if (step->op != LOCK_STEP && step->op != TRY_STEP)
		return false;
	for (uint32_t i = 0; i < p->n; i++)
		for (uint32_t k = 0; k < at[i]; k++) {
			const struct step *other = &p->threads[i].steps[k];

			if ((other->op == LOCK_STEP || other->op == TRY_STEP) &&
			    other->lock == step->lock &&
			    !(other->shared && step->shared) &&
			    done->of[i][k] > when)
				return true;
		}
	return false;
}

static bool been_at[MAX_STEPS + 1][MAX_STEPS + 1][MAX_STEPS + 1];

/* done: what came when, if that is to be kept; else NULL. */
static void visit(const struct program *p, uint32_t *at,
		  const struct done_at *done, struct hangs *hangs)
{
	if (been_at[at[0]][at[1]][at[2]])
		return;
	been_at[at[0]][at[1]][at[2]] = true;
	add_hangs_of(p, at, hangs);
	for (uint32_t i = 0; i < p->n; i++)
		if (can_step(p, at, i) &&
		    !(done && overtakes(p, at, i, done))) {
			at[i]++;
			visit(p, at, done, hangs);
			at[i]--;
		}
}

static void find_hangs(const struct program *p, const struct done_at *done,
		       struct hangs *hangs)
{
	uint32_t at[MAX_THREADS] = { 0 };

	for (uint32_t i = 0; i <= p->threads[0].n; i++)
		for (uint32_t k = 0; k <= p->threads[1].n; k++)
			for (uint32_t m = 0; m <= p->threads[2].n; m++)
				been_at[i][k][m] = false;
	hangs->n = 0;
	visit(p, at, done, hangs);
}

/* Stack numbers say which step of which thread it was. */
static uint32_t stack_of(uint32_t thread, uint32_t at)
{
	return (thread + 1) << 8 | at;
}

static struct event event_of(const struct step *step, uint32_t thread,
			     uint32_t at)
{
	uint32_t who = thread + 1;
	struct event ev;

	switch (step->op) {
	case LOCK_STEP:
	case TRY_STEP:
		ev = step->shared ? ACQUIRE_SHARED(who, step->lock)
				  : ACQUIRE(who, step->lock);
		if (step->op == TRY_STEP)
			ev.flags = CMSHIM_TRY;
		break;
	case UNLOCK_STEP:
		ev = step->shared ? RELEASE_SHARED(who, step->lock)
				  : RELEASE(who, step->lock);
		break;
	default:
		ev = told(step->op == CREATE_STEP ? CMSHIM_OP_CREATE
						  : CMSHIM_OP_JOIN,
			  who, 0);
		ev.other = step->lock + 1;
		break;
	}
	return AT(stack_of(thread, at), ev);
}

/* One run by chance; returns how many events, or 0 if it got stuck. */
static size_t run_once(const struct program *p, struct event *story,
		       struct done_at *done)
{
	uint32_t at[MAX_THREADS] = { 0 };
	size_t n = 0;

	story[n++] = START(1);
	for (;;) {
		uint32_t ready[MAX_THREADS], n_ready = 0, i;

		for (i = 0; i < p->n; i++)
			if (can_step(p, at, i))
				ready[n_ready++] = i;
		if (!n_ready)
			break;
		i = ready[dice(n_ready)];
		if (at[i] == 0 && i > 0) {
			story[n] = START(i + 1);
			story[n++].other = 1;
		}
		story[n++] = event_of(&p->threads[i].steps[at[i]], i, at[i]);
		done->of[i][at[i]] = n;
		at[i]++;
	}
	for (uint32_t i = 0; i < p->n; i++)
		if (at[i] != p->threads[i].n)
			return 0;
	return n;
}

enum { POTENTIAL = 0, PREDICTED = 2 }; /* of the analysis' rules */

/* Adds those of that rule. */
static void list_found(const struct report *r, int rule, struct hangs *found)
{
	for (size_t i = 0; i < report_n_added(r); i++) {
		const struct finding *f = report_added(r, i);
		struct hang h = { .at = { 0 } };

		if (f->rule != &analysis_lock_order.rules[rule])
			continue;
		ck_assert_ptr_nonnull(f->sides);
		for (size_t k = 0; k < f->n_sides; k++) {
			uint32_t thread = f->sides[k].thread - 1;

			ck_assert_uint_eq(f->sides[k].stack >> 8, thread + 1);
			h.at[thread] = (f->sides[k].stack & 255) + 1;
		}
		add_hang(found, &h);
	}
}

/* Whether the section around the step has closed no other before it. */
static bool is_straight(const struct program *p, const struct hang *h)
{
	for (uint32_t i = 0; i < p->n; i++) {
		const struct script *s = &p->threads[i];

		if (!h->at[i])
			continue;
		for (uint32_t k = h->at[i] - 1; s->n_held[k] > 0; k--)
			if (s->steps[k - 1].op == UNLOCK_STEP)
				return false;
	}
	return true;
}

static bool is_among(const struct hang *part, const struct hang *whole)
{
	for (uint32_t i = 0; i < MAX_THREADS; i++)
		if (part->at[i] && !whole->at[i])
			return false;
	return true;
}

static void check_sound(const struct program *p, const struct hang *h,
			const struct hangs *real, uint32_t number)
{
	bool is_some = false;

	if (is_straight(p, h)) {
		ck_assert_msg(has_hang(real, h),
			      "program %u: %u %u %u is never reached", number,
			      h->at[0], h->at[1], h->at[2]);
		return;
	}
	for (size_t i = 0; i < real->n; i++)
		is_some |= is_among(&real->all[i], h);
	ck_assert_msg(is_some, "program %u: %u %u %u cannot deadlock", number,
		      h->at[0], h->at[1], h->at[2]);
}

/* Returns how many are. */
static size_t check_predicted(const struct program *p,
			      const struct done_at *done,
			      const struct report *r, const struct hangs *found,
			      uint32_t number)
{
	static struct hangs reached, predicted;

	find_hangs(p, done, &reached);
	predicted.n = 0;
	list_found(r, PREDICTED, &predicted);
	for (size_t i = 0; i < found->n; i++) {
		const struct hang *h = &found->all[i];

		ck_assert_msg(has_hang(&predicted, h) == has_hang(&reached, h),
			      "program %u: %u %u %u is %s", number, h->at[0],
			      h->at[1], h->at[2],
			      has_hang(&reached, h) ? "not predicted"
						    : "predicted wrongly");
	}
	return predicted.n;
}

/* All three threads ask; the locks they ask for, a bit each. */
static uint64_t locks_of_three(const struct program *p, const struct hang *h)
{
	uint64_t locks = 0;

	for (uint32_t i = 0; i < MAX_THREADS; i++) {
		if (!h->at[i])
			return 0;
		locks |= 1ull << p->threads[i].steps[h->at[i] - 1].lock;
	}
	return locks;
}

/* Or told with another one: of three threads those about the same locks are
   one finding. */
static bool is_told(const struct program *p, const struct hangs *found,
		    const struct hang *h)
{
	uint64_t locks = locks_of_three(p, h);

	for (size_t i = 0; locks && i < found->n; i++)
		if (locks_of_three(p, &found->all[i]) == locks)
			return true;
	return has_hang(found, h);
}

START_TEST(exactly_the_deadlocks_of_some_run_are_reported)
{
	static struct event story[MAX_THREADS * (MAX_STEPS + 1)];
	static struct hangs real, found;
	static struct done_at done;
	size_t n_real = 0, n_clean = 0, n_of_three = 0, n_exact = 0;
	size_t n_predicted = 0, n_found = 0;

	for (uint32_t number = 1; number <= N_PROGRAMS; number++) {
		const struct report *r;
		struct program p;
		size_t n = 0;

		seed = number * 2654435761u;
		p = make_program();
		for (int tries = 0; tries < 20 && n == 0; tries++)
			n = run_once(&p, story, &done);
		if (n == 0)
			continue;
		find_hangs(&p, NULL, &real);
		r = run_story(&analysis_lock_order, story, n, NULL);
		found.n = 0;
		list_found(r, POTENTIAL, &found);
		list_found(r, PREDICTED, &found);
		n_predicted += check_predicted(&p, &done, r, &found, number);
		n_found += found.n;
		for (size_t i = 0; i < real.n; i++) {
			const uint32_t *at = real.all[i].at;

			ck_assert_msg(is_told(&p, &found, &real.all[i]),
				      "program %u: %u %u %u is not reported",
				      number, at[0], at[1], at[2]);
			n_of_three += at[0] && at[1] && at[2];
		}
		for (size_t i = 0; p.is_tidy && i < found.n; i++) {
			check_sound(&p, &found.all[i], &real, number);
			n_exact += is_straight(&p, &found.all[i]);
		}
		n_real += real.n;
		n_clean += real.n == 0;
	}
	/* It was about something. */
	ck_assert_uint_gt(n_real, 500);
	ck_assert_uint_gt(n_of_three, 20);
	ck_assert_uint_gt(n_exact, 300);
	ck_assert_uint_gt(n_clean, 500);
	ck_assert_uint_gt(n_predicted, 300);
	ck_assert_uint_gt(n_found - n_predicted, 100);
}
END_TEST

Suite *suite_lock_order_model(void)
{
	Suite *s = suite_create("lock_order_model");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, exactly_the_deadlocks_of_some_run_are_reported);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/*
 * Whether another order brings two threads to given events (reorder.h), asked
 * of all pairs of events of small random programs, against a search of all
 * orders.
 *
 * A program is a list of steps for each thread: mutexes and rwlocks taken and
 * given up, nested, a map read and written, threads created and joined.  One
 * run of it is the trace.  Another order is a run of steps, each of which can
 * be done then, in which no lock is taken before what took it earlier in the
 * trace and was in its way; where reads are kept, a read is done only when the
 * last write of its map is the one it saw.
 */
#include <stdlib.h>
#include <string.h>

#include "reorder/reorder.h"
#include "script.h"
#include "suites.h"

enum { MAX_THREADS = 3, MAX_STEPS = 16, N_PROGRAMS = 3000 };

struct step {
	struct event ev;
	uint32_t seen; /* READ: when what it saw was written; 0: never */
	size_t when;   /* in the trace, from 1; 0: not in it */
};

struct program {
	struct step steps[MAX_THREADS][MAX_STEPS];
	uint32_t n_steps[MAX_THREADS], n;
	struct event trace[MAX_THREADS * MAX_STEPS];
	size_t n_trace;
};

/* How far each thread is, and which write of each map was the last. */
struct state {
	uint32_t at[MAX_THREADS];
	size_t written[2]; /* when in the trace, for M and N; 0: never */
};

static uint32_t seed;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(seed >> 8) * sides >> 24);
}

static void add(struct program *p, uint32_t thread, struct event ev)
{
	if (p->n_steps[thread] < MAX_STEPS)
		p->steps[thread][p->n_steps[thread]++].ev = ev;
}

static void add_access(struct program *p, uint32_t thread)
{
	uint32_t map = dice(3) ? M : N;

	add(p, thread,
	    dice(2) ? WRITE(thread + 1, map, 1, 1)
		    : READ(thread + 1, map, 1, 1));
}

static void add_section(struct program *p, uint32_t thread, uint32_t outer)
{
	static const uint32_t locks[] = { A, B, RW };
	uint32_t lock = locks[dice(3)], who = thread + 1;
	bool shared = lock == RW && dice(2);

	if (lock == outer || p->n_steps[thread] > MAX_STEPS - 8)
		return;
	add(p, thread, shared ? ACQUIRE_SHARED(who, lock) : ACQUIRE(who, lock));
	if (dice(2))
		add_access(p, thread);
	if (!outer && dice(3) == 0)
		add_section(p, thread, lock);
	add(p, thread, shared ? RELEASE_SHARED(who, lock) : RELEASE(who, lock));
}

static void add_some(struct program *p, uint32_t thread)
{
	for (uint32_t n = 1 + dice(2); n > 0; n--)
		if (dice(2))
			add_section(p, thread, 0);
		else
			add_access(p, thread);
}

/* The first makes the others, before, between or after its own steps. */
static void make_program(struct program *p)
{
	*p = (struct program){ .n = 2 + dice(2) };
	for (uint32_t i = 1; i < p->n; i++) {
		if (dice(2))
			add_some(p, 0);
		add(p, 0, CREATE(1, i + 1));
		add(p, i, BEGIN(i + 1, 1));
		add_some(p, i);
		add_some(p, i);
	}
	add_some(p, 0);
	if (dice(2)) {
		add(p, 0, JOIN(1, 2));
		add_access(p, 0);
	}
}

static bool is_lock_step(const struct event *ev)
{
	return ev->op == CMSHIM_OP_ACQUIRE ||
	       ev->op == CMSHIM_OP_ACQUIRE_SHARED;
}

/* What it has done so far keeps others out who do this. */
static bool holds_against(const struct program *p, const struct state *s,
			  uint32_t thread, const struct event *ev)
{
	bool is = false;

	for (uint32_t k = 0; k < s->at[thread]; k++) {
		const struct event *e = &p->steps[thread][k].ev;

		if (e->object != ev->object)
			continue;
		if (is_lock_step(e))
			is = !(e->shared && ev->shared);
		else if (e->op == CMSHIM_OP_RELEASE ||
			 e->op == CMSHIM_OP_RELEASE_SHARED)
			is = false;
	}
	return is;
}

static bool can_step(const struct program *p, const struct state *s,
		     uint32_t thread)
{
	const struct event *ev;

	if (s->at[thread] == p->n_steps[thread])
		return false;
	ev = &p->steps[thread][s->at[thread]].ev;
	if (ev->op == CMSHIM_OP_JOIN)
		return s->at[ev->other - 1] == p->n_steps[ev->other - 1];
	for (uint32_t k = 0; ev->op == CMSHIM_OP_START; k++) {
		if (k == s->at[0])
			return false;
		if (p->steps[0][k].ev.op == CMSHIM_OP_CREATE &&
		    p->steps[0][k].ev.other == thread + 1)
			break;
	}
	for (uint32_t i = 0; is_lock_step(ev) && i < p->n; i++)
		if (i != thread && holds_against(p, s, i, ev))
			return false;
	return true;
}

static size_t *written(struct state *s, const struct event *ev)
{
	return &s->written[ev->object == N];
}

static void do_step(const struct program *p, struct state *s, uint32_t thread)
{
	const struct step *step = &p->steps[thread][s->at[thread]++];

	if (step->ev.op == CMSHIM_OP_MAP_WRITE)
		*written(s, &step->ev) = step->when;
}

/* One run by chance; false: it got stuck. */
static bool run_once(struct program *p)
{
	struct state s = { .at = { 0 } };
	bool is_over = true;

	for (;;) {
		uint32_t ready[MAX_THREADS], n = 0, i;
		struct step *step;

		for (i = 0; i < p->n; i++)
			if (can_step(p, &s, i))
				ready[n++] = i;
		if (n == 0)
			break;
		i = ready[dice(n)];
		step = &p->steps[i][s.at[i]];
		p->trace[p->n_trace++] = step->ev;
		step->when = p->n_trace;
		if (step->ev.op == CMSHIM_OP_MAP_READ)
			step->seen = (uint32_t)*written(&s, &step->ev);
		do_step(p, &s, i);
	}
	for (uint32_t i = 0; i < p->n; i++)
		is_over &= s.at[i] == p->n_steps[i];
	return is_over;
}

/* Whether the step keeps what another order has to keep. */
static bool may_step(const struct program *p, struct state *s, uint32_t thread,
		     bool with_reads)
{
	const struct step *step = &p->steps[thread][s->at[thread]];

	if (with_reads && step->ev.op == CMSHIM_OP_MAP_READ &&
	    *written(s, &step->ev) != step->seen)
		return false;
	for (uint32_t i = 0; is_lock_step(&step->ev) && i < p->n; i++)
		for (uint32_t k = 0; k < s->at[i]; k++) {
			const struct step *other = &p->steps[i][k];

			if (is_lock_step(&other->ev) &&
			    other->ev.object == step->ev.object &&
			    !(other->ev.shared && step->ev.shared) &&
			    other->when > step->when)
				return false;
		}
	return true;
}

/* Pairs of steps that some order has both threads just before; by step and
   thread. */
struct together {
	bool of[MAX_THREADS][MAX_STEPS + 1][MAX_THREADS][MAX_STEPS + 1];
};

struct search {
	const struct program *p;
	bool with_reads;
	struct table *been;
	struct together *found;
};

/* Nobody stands before its first step before its parent has made it. */
static bool is_there(const struct program *p, const struct state *s,
		     uint32_t thread)
{
	return s->at[thread] > 0 || can_step(p, s, thread);
}

static void visit(struct search *search, struct state *s)
{
	uint64_t place = 0;
	uint64_t *been;

	for (uint32_t i = 0; i < MAX_THREADS; i++)
		place = place * (MAX_STEPS + 1) + s->at[i];
	been = table_at(search->been, place,
			(uint64_t)s->written[0] << 32 | s->written[1]);
	if (*been)
		return;
	*been = 1;
	for (uint32_t i = 0; i < search->p->n; i++)
		for (uint32_t k = 0; k < search->p->n; k++)
			if (is_there(search->p, s, i) &&
			    is_there(search->p, s, k))
				search->found->of[i][s->at[i]][k][s->at[k]] =
					true;
	for (uint32_t i = 0; i < search->p->n; i++) {
		struct state next = *s;

		if (!can_step(search->p, s, i) ||
		    !may_step(search->p, s, i, search->with_reads))
			continue;
		do_step(search->p, &next, i);
		visit(search, &next);
	}
}

static uint32_t key_of(uint32_t thread, uint32_t step)
{
	return 1 + thread * MAX_STEPS + step;
}

/* Each event is asked for by a number of its own. */
static struct reorder *reorder_of(const struct program *p)
{
	static struct object_info objects[SCRIPT_OBJECTS];
	static const struct trace_info info = {
		.objects = objects,
		.n_objects = SCRIPT_OBJECTS,
		.n_threads = MAX_THREADS + 1,
	};
	struct reorder *r = reorder_new(&info, SIZE_MAX, UINT64_MAX);
	uint32_t done[MAX_THREADS] = { 0 };

	for (uint32_t i = 0; i < SCRIPT_OBJECTS; i++)
		objects[i].class = i == M || i == N ? CMSHIM_MAP
				   : i == RW	    ? CMSHIM_RWLOCK
						    : CMSHIM_MUTEX;
	for (size_t i = 0; i < p->n_trace; i++) {
		const struct event *ev = &p->trace[i];
		uint32_t thread = ev->thread - 1;

		ck_assert(!reorder_ends_window(r, ev));
		reorder_put(r, key_of(thread, done[thread]++), ev->thread);
		reorder_event(r, ev);
	}
	return r;
}

struct tally {
	size_t yes, no, only_without_reads;
};

/* The same pair, without reads kept and with them. */
static void compare_pair(struct reorder *r, const struct together *found,
			 const uint32_t *threads, const uint32_t *steps,
			 struct tally *tally)
{
	bool is[2];

	for (int reads = 0; reads < 2; reads++) {
		struct reorder_place places[] = {
			{ .key = key_of(threads[0], steps[0]) },
			{ .key = key_of(threads[1], steps[1]) },
		};
		bool right =
			found[reads]
				.of[threads[0]][steps[0]][threads[1]][steps[1]];

		is[reads] = reorder_reaches(r, places, 2, reads);
		ck_assert_msg(is[reads] == right,
			      "seed %u: steps %u of %u and %u of %u, %s", seed,
			      steps[0], threads[0], steps[1], threads[1],
			      right ? "can meet" : "cannot meet");
	}
	tally->yes += is[1];
	tally->no += !is[0];
	tally->only_without_reads += is[0] && !is[1];
}

static void compare(const struct program *p, struct tally *tally)
{
	static struct together found[2];
	struct reorder *r = reorder_of(p);

	for (int reads = 0; reads < 2; reads++) {
		struct search search = { p, reads, table_new(), &found[reads] };
		struct state s = { .at = { 0 } };

		memset(&found[reads], 0, sizeof(found[reads]));
		visit(&search, &s);
		table_free(search.been);
	}
	for (uint32_t i = 0; i < p->n; i++)
		for (uint32_t k = i + 1; k < p->n; k++)
			for (uint32_t a = 0; a < p->n_steps[i]; a++)
				for (uint32_t b = 0; b < p->n_steps[k]; b++)
					compare_pair(
						r, found, (uint32_t[]){ i, k },
						(uint32_t[]){ a, b }, tally);
	reorder_free(r);
}

START_TEST(every_pair_of_events_is_as_all_orders_say)
{
	static struct program p;
	struct tally tally = { 0 };

	for (uint32_t number = 1; number <= N_PROGRAMS; number++) {
		seed = number * 2654435761u;
		make_program(&p);
		if (run_once(&p))
			compare(&p, &tally);
	}
	/* It was about something. */
	ck_assert_uint_gt(tally.yes, 20000);
	ck_assert_uint_gt(tally.no, 20000);
	ck_assert_uint_gt(tally.only_without_reads, 2000);
}
END_TEST

Suite *suite_reorder_model(void)
{
	Suite *s = suite_create("reorder_model");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, every_pair_of_events_is_as_all_orders_say);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/*
 * Random programs of threads that compute and lock, run by a simulator in
 * which a lock goes to who asked first, against their replay: with nothing
 * changed it ends when the run did; without the lock when the threads, run
 * alone, would have.
 */
#include <stdlib.h>

#include "report/report_parts.h"
#include "script.h"
#include "suites.h"

#define MS 1000000ull

enum { THREADS = 4, SECTIONS = 12, RUNS = 400 };

struct section {
	uint64_t before_ns, held_ns; /* computes, then holds the lock */
	uint32_t lock, key;
};

struct program {
	struct section of[THREADS][SECTIONS];
	unsigned n_locks;
};

struct run {
	struct event story[THREADS * (SECTIONS * 4 + 2)];
	size_t n;
	uint64_t free_ns[THREADS]; /* when a thread asks next */
	uint64_t given_ns[8];	   /* by lock */
	uint64_t last_ns, wait_ns;
};

static uint64_t some(uint64_t *seed, uint64_t n)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (*seed >> 33) % n;
}

static void make(struct program *p, uint64_t seed, unsigned n_locks)
{
	p->n_locks = n_locks;
	for (unsigned t = 0; t < THREADS; t++)
		for (unsigned i = 0; i < SECTIONS; i++)
			p->of[t][i] = (struct section){
				.before_ns = some(&seed, 3 * MS),
				.held_ns = some(&seed, 2 * MS),
				.lock = A + (uint32_t)some(&seed, n_locks),
				.key = 1 + (uint32_t)some(&seed, 40),
			};
}

static void tell_section(struct run *run, uint32_t who, const struct section *s,
			 uint64_t asked_ns)
{
	uint64_t got_ns = asked_ns, wait_ns;
	struct event map = told_map(CMSHIM_OP_MAP_WRITE, who, M, 0, 0);

	if (run->given_ns[s->lock] > got_ns)
		got_ns = run->given_ns[s->lock];
	wait_ns = got_ns - asked_ns;
	run->wait_ns += wait_ns;
	if (wait_ns) {
		run->story[run->n++] = WHEN(asked_ns, REQUEST(who, s->lock));
		run->story[run->n++] =
			WHEN(got_ns, WAITED(who, s->lock, wait_ns));
	} else {
		run->story[run->n++] = WHEN(got_ns, ACQUIRE(who, s->lock));
	}
	map.key = s->key;
	run->story[run->n++] = map;
	run->given_ns[s->lock] = got_ns + s->held_ns;
	run->story[run->n++] =
		WHEN(run->given_ns[s->lock], RELEASE(who, s->lock));
}

/* Always the thread that asks first. */
static void simulate(const struct program *p, struct run *run)
{
	unsigned done[THREADS] = { 0 };

	*run = (struct run){ .n = 0 };
	for (uint32_t t = 0; t < THREADS; t++) {
		run->story[run->n++] = WHEN(MS, START(t + 2));
		run->free_ns[t] = MS + p->of[t][0].before_ns;
	}
	for (unsigned i = 0; i < THREADS * SECTIONS; i++) {
		uint32_t t = THREADS;
		const struct section *s;

		for (uint32_t k = 0; k < THREADS; k++)
			if (done[k] < SECTIONS &&
			    (t == THREADS || run->free_ns[k] < run->free_ns[t]))
				t = k;
		s = &p->of[t][done[t]++];
		tell_section(run, t + 2, s, run->free_ns[t]);
		run->free_ns[t] = run->given_ns[s->lock];
		if (run->free_ns[t] > run->last_ns)
			run->last_ns = run->free_ns[t];
		if (done[t] < SECTIONS)
			run->free_ns[t] += p->of[t][done[t]].before_ns;
	}
	for (uint32_t t = 0; t < THREADS; t++)
		run->story[run->n++] = WHEN(run->free_ns[t], EXIT(t + 2));
}

static uint64_t alone_ns(const struct program *p)
{
	uint64_t most_ns = 0;

	for (unsigned t = 0; t < THREADS; t++) {
		uint64_t ns = MS;

		for (unsigned i = 0; i < SECTIONS; i++)
			ns += p->of[t][i].before_ns + p->of[t][i].held_ns;
		if (ns > most_ns)
			most_ns = ns;
	}
	return most_ns;
}

static void check_lock(const struct replayed_lock *l)
{
	static const int order[] = { WHATIF_NONE, WHATIF_SHARD_2,
				     WHATIF_SHARD_4, WHATIF_SHARD_16,
				     WHATIF_FREE };

	for (unsigned i = 1; i < 5; i++) {
		double less = l->sooner[order[i - 1]];
		double more = l->sooner[order[i]];

		if (l->is_known[order[i]])
			ck_assert_double_ge(more + 1e-9, less);
	}
	ck_assert_double_ge(l->sooner[WHATIF_HALF], 0);
}

static void check_run(unsigned seed, unsigned n_locks)
{
	struct program p;
	struct run run;
	const struct replay_usage *u;
	double end_ns;

	make(&p, seed, n_locks);
	simulate(&p, &run);
	u = run_story(&analysis_whatif, run.story, run.n, NULL)->added_replay;
	ck_assert(u || !run.wait_ns);
	if (!u)
		return;
	ck_assert_uint_eq(u->measured_ns, run.last_ns);
	ck_assert_uint_eq(u->replayed_ns, run.last_ns);
	for (size_t i = 0; i < u->n_locks; i++)
		check_lock(&u->locks[i]);
	if (n_locks == 1 && u->n_locks) {
		end_ns = (double)run.last_ns *
			 (1 - u->locks[0].sooner[WHATIF_FREE]);
		ck_assert_double_eq_tol(end_ns, (double)alone_ns(&p), 1);
	}
}

START_TEST(replay_is_what_was_simulated)
{
	for (unsigned seed = 1; seed <= RUNS; seed++)
		check_run(seed, 1 + seed % 3);
}
END_TEST

Suite *suite_whatif_model(void)
{
	Suite *s = suite_create("whatif_model");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, replay_is_what_was_simulated);
	suite_add_tcase(s, tc);
	return s;
}

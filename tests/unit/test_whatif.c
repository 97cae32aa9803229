/* SPDX-License-Identifier: MIT */
/* What the run would have gained: figures that can be had by hand. */
#include <string.h>

#include "report/report_parts.h"
#include "script.h"
#include "suites.h"

#define MS 1000000ull

/* Of the lock in the report, how much sooner the run ends. */
static const struct replayed_lock *replayed(const struct report *r,
					    uint32_t lock)
{
	const struct replay_usage *u = r->added_replay;

	ck_assert_ptr_nonnull(u);
	for (size_t i = 0; i < u->n_locks; i++)
		if (u->locks[i].object == lock)
			return &u->locks[i];
	ck_abort_msg("lock %u was not replayed", lock);
	return NULL;
}

static double sooner(const struct report *r, uint32_t lock, enum whatif what)
{
	const struct replayed_lock *l = replayed(r, lock);

	ck_assert(l->is_known[what]);
	return l->sooner[what];
}

#define SAME(a, b) ck_assert_double_eq_tol(a, b, 1e-9)

/*
 * Threads 1 and 2 take A in turns, ten times each for 1 ms, from 1 ms on, and
 * ask for it again at once: the last hold ends at 21 ms.  Inside it each uses
 * its map and key.
 */
static const struct report *in_turns(uint32_t map1, uint64_t key1,
				     uint32_t map2, uint64_t key2, int op)
{
	enum { TURNS = 20 };
	struct event story[4 * TURNS + 3];
	size_t n = 0;

	story[n++] = WHEN(MS, START(2));
	for (unsigned i = 0; i < TURNS; i++) {
		uint32_t who = 1 + i % 2, map = who == 1 ? map1 : map2;
		uint64_t now = (1 + i) * MS, wait = i < 2 ? i * MS : MS;

		if (i == 0) {
			story[n++] = AT(5, WHEN(now, ACQUIRE(who, A)));
			/* The wait begins before there is a use of a map. */
			story[n++] = AT(6, WHEN(now, REQUEST(2, A)));
		} else {
			story[n++] = AT(6, WHEN(now, WAITED(who, A, wait)));
		}
		if (map) {
			story[n] = told_map(op, who, map, 0, 0);
			story[n++].key = who == 1 ? key1 : key2;
		}
		story[n++] = WHEN(now + MS, RELEASE(who, A));
	}
	story[n++] = WHEN(TURNS * MS, EXIT(1));
	return run_story(&analysis_whatif, story, n, NULL);
}

/* Alone, each thread takes 1 ms and ten sections: 11 ms of 21. */
START_TEST(lock_that_nobody_waits_for_halves_the_run)
{
	const struct report *r = in_turns(0, 0, 0, 0, 0);

	SAME(sooner(r, A, WHATIF_FREE), 10.0 / 21);
	SAME(sooner(r, A, WHATIF_HALF), 10.0 / 21);
	ck_assert(!replayed(r, A)->is_known[WHATIF_SHARD_2]);
	ck_assert(!replayed(r, A)->is_known[WHATIF_SPLIT]);
	ck_assert(!replayed(r, A)->is_known[WHATIF_RWLOCK]);
	ck_assert(!replayed(r, A)->is_known[WHATIF_UNBLOCKED]);
	ck_assert_uint_eq(r->added_replay->measured_ns, 21 * MS);
	ck_assert_uint_eq(r->added_replay->replayed_ns, 21 * MS);
	/* All of it but the first millisecond is inside A. */
	ck_assert_uint_eq(replayed(r, A)->inside_ns, 20 * MS);
	ck_assert_uint_eq(replayed(r, A)->handed_ns, 0);
	ck_assert_uint_eq(report_n_added(r), 0);
}
END_TEST

/*
 * The first section began before anybody waited, so what it used is not known:
 * it excludes all others, and thread 2 begins 1 ms later.  Keys 1, 6 and 9
 * are of classes 9, 11 and 8: 1 and 6 meet in one of two, not in one of four.
 */
START_TEST(sections_of_other_keys_go_on)
{
	const struct report *r = in_turns(M, 1, M, 6, CMSHIM_OP_MAP_WRITE);
	const struct finding *f = only_finding(r);

	SAME(sooner(r, A, WHATIF_SHARD_2), 0);
	SAME(sooner(r, A, WHATIF_SHARD_4), 9.0 / 21);
	SAME(sooner(r, A, WHATIF_SHARD_16), 9.0 / 21);
	SAME(sooner(r, A, WHATIF_FREE), 10.0 / 21);
	ck_assert(!replayed(r, A)->is_known[WHATIF_SPLIT]);
	ck_assert(!replayed(r, A)->is_known[WHATIF_RWLOCK]);
	ck_assert_str_eq(f->rule->id, "perf-shard");
	ck_assert_uint_eq(f->object, A);
	ck_assert_uint_eq(f->weight, 428);
	ck_assert_ptr_nonnull(strstr(f->advice, "4 maps"));
}
END_TEST

START_TEST(two_locks_are_enough_for_odd_and_even)
{
	const struct report *r = in_turns(M, 1, M, 9, CMSHIM_OP_MAP_WRITE);

	SAME(sooner(r, A, WHATIF_SHARD_2), 9.0 / 21);
	ck_assert_ptr_nonnull(strstr(only_finding(r)->advice, "2 maps"));
}
END_TEST

START_TEST(sections_of_one_key_do_not)
{
	const struct report *r = in_turns(M, 1, M, 1, CMSHIM_OP_MAP_WRITE);

	SAME(sooner(r, A, WHATIF_SHARD_16), 0);
	ck_assert_uint_eq(report_n_added(r), 0);
}
END_TEST

/* ANALYSIS, litmus 48 */
START_TEST(sections_of_other_maps_go_on)
{
	const struct report *r = in_turns(M, 1, N, 1, CMSHIM_OP_MAP_WRITE);
	const struct finding *f = only_finding(r);

	SAME(sooner(r, A, WHATIF_SPLIT), 9.0 / 21);
	SAME(sooner(r, A, WHATIF_SHARD_16), 0);
	ck_assert_str_eq(f->rule->id, "perf-split");
	ck_assert_uint_eq(f->weight, 428);
}
END_TEST

/* 19 of 20 sections are known to read. */
START_TEST(sections_that_read_do_so_together)
{
	const struct report *r = in_turns(M, 1, M, 1, CMSHIM_OP_MAP_READ);
	const struct finding *f = only_finding(r);

	SAME(sooner(r, A, WHATIF_RWLOCK), 9.0 / 21);
	SAME(sooner(r, A, WHATIF_SHARD_16), 0);
	ck_assert_str_eq(f->rule->id, "perf-mutex-as-rw");
}
END_TEST

/* Thread 2 waits 10 ms for A; what happens before the release is told. */
START_TEST(hold_of_unknown_length_is_not_halved)
{
	struct event story[] = {
		ACQUIRE(1, A),
		WHEN(MS, REQUEST(2, A)),
		WHEN(11 * MS, RELEASE(1, A)),
		WHEN(11 * MS, WAITED(2, A, 10 * MS)),
		WHEN(11 * MS, EXIT(1)),
		WHEN(12 * MS, EXIT(2)),
	};
	const struct report *r = RUN(&analysis_whatif, story);

	ck_assert(!replayed(r, A)->is_known[WHATIF_HALF]);
	SAME(sooner(r, A, WHATIF_FREE), 1.0 / 12);
	ck_assert_uint_eq(r->added_replay->n_remarks, 1);
	ck_assert_ptr_nonnull(
		strstr(r->added_replay->remarks[0], "CMSHIM_STAMPS=all"));
}
END_TEST

START_TEST(blocking_call_after_the_release_delays_nobody)
{
	struct event blocked = WHEN(10 * MS, told(CMSHIM_OP_BLOCKED, 1, 0));
	struct event story[] = {
		WHEN(MS, START(2)),
		WHEN(MS, REQUEST(3, A)),
		WHEN(MS, told_wait(ACQUIRE(3, A), 0)),
		WHEN(MS, RELEASE(3, A)),
		WHEN(2 * MS, ACQUIRE(1, A)),
		WHEN(2 * MS, REQUEST(2, A)),
		blocked,
		WHEN(11 * MS, RELEASE(1, A)),
		WHEN(11 * MS, WAITED(2, A, 9 * MS)),
		WHEN(11 * MS, EXIT(1)),
		WHEN(20 * MS, EXIT(2)),
	};

	story[6].duration_ns = 6 * MS;
	SAME(sooner(RUN(&analysis_whatif, story), A, WHATIF_UNBLOCKED),
	     6.0 / 20);
}
END_TEST

START_TEST(wait_that_nothing_explains_withdraws_the_figures)
{
	struct event story[] = {
		WHEN(MS, REQUEST(2, A)),
		WHEN(11 * MS, WAITED(2, A, 10 * MS)),
		WHEN(12 * MS, EXIT(2)),
	};
	const struct report *r = RUN(&analysis_whatif, story);

	ck_assert(!replayed(r, A)->is_known[WHATIF_FREE]);
	ck_assert_uint_eq(r->added_replay->n_remarks, 1);
}
END_TEST

/*
 * By its stamps thread 2 has the lock before thread 1 gave it up, by 10 ms of
 * 30: such a run is not explained by who waited for whom.
 */
START_TEST(run_that_is_not_explained_has_no_figures)
{
	struct event story[] = {
		WHEN(MS, REQUEST(2, A)),
		WHEN(MS, told_wait(ACQUIRE(2, A), 0)),
		WHEN(3 * MS, RELEASE(2, A)),
		WHEN(3 * MS, WAITED(1, A, 2 * MS)),
		WHEN(30 * MS, RELEASE(1, A)),
		WHEN(10 * MS, ACQUIRE(2, A)),
		WHEN(20 * MS, RELEASE(2, A)),
		WHEN(30 * MS, EXIT(2)),
	};
	const struct report *r;

	r = RUN(&analysis_whatif, story);
	ck_assert_uint_eq(r->added_replay->n_locks, 0);
	ck_assert_uint_eq(r->added_replay->replayed_ns, 50 * MS);
	ck_assert_ptr_nonnull(
		strstr(r->added_replay->remarks[0], "does not explain"));

	/* Late by 1 ms only: within what is allowed. */
	story[4].time_ns = 11 * MS;
	r = RUN(&analysis_whatif, story);
	ck_assert_uint_eq(r->added_replay->n_locks, 1);
}
END_TEST

/* 1 holds A from 1 to 6, 2 waits and then holds it to 8 and ends at 10. */
START_TEST(path_goes_back_along_what_was_waited_for)
{
	struct event story[] = {
		WHEN(MS, START(2)),
		WHEN(MS, ACQUIRE(1, A)),
		WHEN(MS, REQUEST(2, A)),
		WHEN(6 * MS, RELEASE(1, A)),
		WHEN(7 * MS, WAITED(2, A, 6 * MS)),
		WHEN(8 * MS, RELEASE(2, A)),
		WHEN(9 * MS, EXIT(1)),
		WHEN(10 * MS, EXIT(2)),
	};
	const struct replayed_lock *l =
		replayed(RUN(&analysis_whatif, story), A);

	ck_assert_uint_eq(l->inside_ns, 6 * MS);
	ck_assert_uint_eq(l->handed_ns, MS);
	/* 2 alone ends at 4, 1 at 9. */
	SAME(l->sooner[WHATIF_FREE], 0.1);
}
END_TEST

/* 2 arrives late because it waited for A; 1 goes on for 3 ms after. */
START_TEST(who_is_late_delays_all_at_a_barrier)
{
	enum { CROSSING = CONDITION };
	struct event story[] = {
		WHEN(MS, START(2)),
		WHEN(MS, ACQUIRE(1, A)),
		WHEN(MS, REQUEST(2, A)),
		WHEN(5 * MS, RELEASE(1, A)),
		WHEN(5 * MS, WAITED(2, A, 4 * MS)),
		WHEN(9 * MS, RELEASE(2, A)),
		WHEN(5 * MS, told(CMSHIM_OP_ARRIVE, 1, CROSSING)),
		WHEN(9 * MS, told(CMSHIM_OP_ARRIVE, 2, CROSSING)),
		WHEN(9 * MS, told(CMSHIM_OP_DEPART, 1, CROSSING)),
		WHEN(9 * MS, told(CMSHIM_OP_DEPART, 2, CROSSING)),
		WHEN(12 * MS, EXIT(1)),
		WHEN(10 * MS, EXIT(2)),
	};

	SAME(sooner(RUN(&analysis_whatif, story), A, WHATIF_FREE), 4.0 / 12);
}
END_TEST

/* 2 signals, after its wait for A; the signal itself has no stamp. */
START_TEST(who_is_late_delays_who_waits_for_its_signal)
{
	struct event story[] = {
		WHEN(MS, START(2)),
		WHEN(MS, ACQUIRE(3, A)),
		WHEN(MS, REQUEST(2, A)),
		WHEN(2 * MS, WAIT(1, CONDITION)),
		WHEN(5 * MS, RELEASE(3, A)),
		WHEN(5 * MS, WAITED(2, A, 4 * MS)),
		WHEN(7 * MS, RELEASE(2, A)),
		told(CMSHIM_OP_SIGNAL, 2, CONDITION),
		WHEN(8 * MS, WAKE(1, CONDITION)),
		WHEN(10 * MS, EXIT(1)),
	};

	SAME(sooner(RUN(&analysis_whatif, story), A, WHATIF_FREE), 4.0 / 10);
	/* A time that is up is up when it is. */
	story[8].code = 110;
	SAME(sooner(RUN(&analysis_whatif, story), A, WHATIF_FREE), 0);
}
END_TEST

/* Joins have no stamps: 1 has waited until its children ended. */
START_TEST(who_is_late_delays_who_joins_it)
{
	struct event create[] = { told(CMSHIM_OP_CREATE, 1, 0),
				  told(CMSHIM_OP_CREATE, 1, 0) };
	struct event join[] = { told(CMSHIM_OP_JOIN, 1, 0),
				told(CMSHIM_OP_JOIN, 1, 0) };
	const struct setting setting = { .duration_ns = 10 * MS };

	create[0].other = join[0].other = 2;
	create[1].other = join[1].other = 3;
	struct event story[] = {
		create[0],
		create[1],
		WHEN(MS, START(2)),
		WHEN(MS, START(3)),
		WHEN(MS, ACQUIRE(2, A)),
		WHEN(MS, REQUEST(3, A)),
		WHEN(4 * MS, RELEASE(2, A)),
		WHEN(4 * MS, WAITED(3, A, 3 * MS)),
		WHEN(8 * MS, RELEASE(3, A)),
		WHEN(8 * MS, EXIT(3)),
		ENDED(3),
		WHEN(4 * MS, EXIT(2)),
		ENDED(2),
		join[0],
		join[1],
	};

	SAME(sooner(RUN_IN(&analysis_whatif, story, &setting), A, WHATIF_FREE),
	     3.0 / 10);
}
END_TEST

/* Thread 1 lives on whatever the others do: only their time is saved. */
START_TEST(time_of_threads_is_told_where_the_end_does_not_depend_on_it)
{
	struct event story[] = {
		WHEN(MS, START(2)),	     WHEN(MS, START(3)),
		WHEN(MS, ACQUIRE(2, A)),     WHEN(MS, REQUEST(3, A)),
		WHEN(4 * MS, RELEASE(2, A)), WHEN(4 * MS, WAITED(3, A, 3 * MS)),
		WHEN(5 * MS, EXIT(3)),	     ENDED(3),
		WHEN(5 * MS, EXIT(2)),	     ENDED(2),
		WHEN(100 * MS, EXIT(1)),
	};
	const struct report *r = RUN(&analysis_whatif, story);

	SAME(sooner(r, A, WHATIF_FREE), 0);
	SAME(replayed(r, A)->less[WHATIF_FREE], 3.0 / 108);
}
END_TEST

START_TEST(readers_wait_for_the_writer_writers_for_all)
{
	struct event story[] = {
		WHEN(MS, START(2)),
		WHEN(MS, START(3)),
		WHEN(MS, ACQUIRE(1, RW)),
		WHEN(MS, REQUEST_SHARED(2, RW)),
		WHEN(4 * MS, RELEASE(1, RW)),
		WHEN(4 * MS, WAITED_SHARED(2, RW, 3 * MS)),
		WHEN(4 * MS, ACQUIRE_SHARED(1, RW)),
		WHEN(6 * MS, RELEASE_SHARED(2, RW)),
		WHEN(7 * MS, RELEASE_SHARED(1, RW)),
		WHEN(7 * MS, WAITED(3, RW, 6 * MS)),
		WHEN(7 * MS, EXIT(1)),
		WHEN(9 * MS, EXIT(3)),
	};

	/* 3 alone ends at 3, 2 at 3, and 1, which never waited, at 7. */
	SAME(sooner(RUN(&analysis_whatif, story), RW, WHATIF_FREE), 2.0 / 9);
}
END_TEST

START_TEST(what_nobody_waited_for_is_not_asked_for)
{
	struct event story[] = { ACQUIRE(1, A), RELEASE(1, A), ACQUIRE(2, A),
				 RELEASE(2, A) };

	ck_assert_ptr_null(RUN(&analysis_whatif, story)->added_replay);
}
END_TEST

Suite *suite_whatif(void)
{
	Suite *s = suite_create("whatif");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, lock_that_nobody_waits_for_halves_the_run);
	tcase_add_test(tc, sections_of_other_keys_go_on);
	tcase_add_test(tc, two_locks_are_enough_for_odd_and_even);
	tcase_add_test(tc, sections_of_one_key_do_not);
	tcase_add_test(tc, sections_of_other_maps_go_on);
	tcase_add_test(tc, sections_that_read_do_so_together);
	tcase_add_test(tc, hold_of_unknown_length_is_not_halved);
	tcase_add_test(tc, blocking_call_after_the_release_delays_nobody);
	tcase_add_test(tc, wait_that_nothing_explains_withdraws_the_figures);
	tcase_add_test(tc, run_that_is_not_explained_has_no_figures);
	tcase_add_test(tc, path_goes_back_along_what_was_waited_for);
	tcase_add_test(tc, who_is_late_delays_all_at_a_barrier);
	tcase_add_test(tc, who_is_late_delays_who_waits_for_its_signal);
	tcase_add_test(tc, who_is_late_delays_who_joins_it);
	tcase_add_test(
		tc,
		time_of_threads_is_told_where_the_end_does_not_depend_on_it);
	tcase_add_test(tc, readers_wait_for_the_writer_writers_for_all);
	tcase_add_test(tc, what_nobody_waited_for_is_not_asked_for);
	suite_add_tcase(s, tc);
	return s;
}

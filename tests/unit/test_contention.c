/* SPDX-License-Identifier: MIT */
/* Use of locks, waits and whose fault they were. */
#include <errno.h>
#include <string.h>

#include "script.h"
#include "suites.h"

#define US 1000ull
#define MS 1000000ull
#define S  1000000000ull

/* Thread 1 (place 5) holds A for so long, thread 2 (place 6) waits for it. */
static const struct report *run_wait(uint64_t ns, uint64_t duration_ns)
{
	struct event story[] = {
		AT(5, WHEN(1, ACQUIRE(1, A))),
		AT(6, WHEN(1, REQUEST(2, A))),
		WHEN(1 + ns, RELEASE(1, A)),
		AT(6, WHEN(1 + ns, WAITED(2, A, ns))),
	};
	const struct setting setting = { .duration_ns = duration_ns };

	return RUN_IN(&analysis_contention, story, &setting);
}

START_TEST(wait_for_a_held_mutex_is_reported_with_both_places)
{
	const struct finding *f = only_finding(run_wait(20 * MS, 30 * MS));

	ck_assert_str_eq(f->rule->id, "perf-hot");
	ck_assert_uint_eq(f->object, A);
	ck_assert_uint_eq(f->weight, 20 * MS);
	ck_assert_uint_eq(f->count, 1);
	ck_assert_uint_eq(f->n_sides, 2);
	ck_assert_uint_eq(f->sides[0].thread, 2);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_uint_eq(f->sides[0].waits_for, A);
	ck_assert_uint_eq(f->sides[0].time_ns, 1);
	ck_assert_uint_eq(f->sides[1].thread, 1);
	ck_assert_uint_eq(f->sides[1].stack, 5);
}
END_TEST

START_TEST(uncontended_lock_is_not_reported)
{
	struct event story[] = { ACQUIRE(1, A), RELEASE(1, A), ACQUIRE(2, A),
				 RELEASE(2, A) };

	ck_assert_uint_eq(report_n_added(RUN(&analysis_contention, story)), 0);
}
END_TEST

START_TEST(short_waits_are_counted_only)
{
	const struct report *r = run_wait(999 * US, 2 * MS);

	ck_assert_uint_eq(report_n_added(r), 0);
	ck_assert_uint_eq(usage_of_lock(r, A)->contended, 1);
	ck_assert_uint_eq(usage_of_lock(r, A)->wait->sum_ns, 999 * US);
}
END_TEST

/* The threads live for twice the duration together. */
START_TEST(what_counts_depends_on_how_long_threads_lived)
{
	ck_assert_uint_eq(report_n_added(run_wait(2 * MS, 990 * MS)), 1);
	ck_assert_uint_eq(report_n_added(run_wait(2 * MS, 1100 * MS)), 0);
	ck_assert_uint_eq(report_n_added(run_wait(10 * MS, 1000 * S)), 1);
	ck_assert_int_eq(only_finding(run_wait(10 * MS, 99 * MS))->level,
			 LEVEL_WARNING);
	ck_assert_int_eq(only_finding(run_wait(10 * MS, 101 * MS))->level,
			 LEVEL_NOTE);
}
END_TEST

START_TEST(life_of_a_thread_ends_with_its_exit)
{
	struct event story[] = {
		WHEN(1, ACQUIRE(1, A)),
		WHEN(1, REQUEST(2, A)),
		WHEN(1 + 2 * MS, RELEASE(1, A)),
		WHEN(1 + 2 * MS, WAITED(2, A, 2 * MS)),
		WHEN(2 + 2 * MS, EXIT(2)),
	};
	const struct setting setting = { .duration_ns = 1900 * MS };

	/* 1.9 s and 2 ms: were thread 2 to live on it would be too little. */
	only_finding(RUN_IN(&analysis_contention, story, &setting));
}
END_TEST

static uint64_t blamed(const struct lock_usage *u, uint32_t waiter,
		       uint32_t holder)
{
	for (size_t i = 0; i < u->n_blame; i++)
		if (u->blame[i].waiter_stack == waiter &&
		    u->blame[i].holder_stack == holder)
			return u->blame[i].wait_ns;
	return 0;
}

START_TEST(wait_is_split_over_the_sections_that_ended_in_it)
{
	struct event story[] = {
		AT(5, ACQUIRE(1, A)),
		WHEN(110, RELEASE(1, A)),
		AT(6, ACQUIRE(3, A)),
		WHEN(125, RELEASE(3, A)),
		AT(7, WHEN(130, WAITED(2, A, 30))),
	};
	const struct lock_usage *u =
		usage_of_lock(RUN(&analysis_contention, story), A);

	ck_assert_uint_eq(u->n_blame, 2);
	ck_assert_uint_eq(blamed(u, 7, 5), 10);
	/* 15 of holding, and 5 until the waiter ran again. */
	ck_assert_uint_eq(blamed(u, 7, 6), 20);
	ck_assert_uint_eq(u->blame[0].holder_stack, 6);
	ck_assert_uint_eq(u->blame[0].count, 1);
}
END_TEST

START_TEST(release_without_a_stamp_gets_what_follows_the_last_stamp)
{
	struct event story[] = {
		AT(5, ACQUIRE(1, A)),
		WHEN(110, RELEASE(1, A)),
		AT(6, ACQUIRE(3, A)),
		RELEASE(3, A),
		AT(7, WHEN(130, WAITED(2, A, 30))),
	};
	const struct lock_usage *u =
		usage_of_lock(RUN(&analysis_contention, story), A);

	ck_assert_uint_eq(blamed(u, 7, 5), 10);
	ck_assert_uint_eq(blamed(u, 7, 6), 20);
}
END_TEST

START_TEST(release_before_the_wait_gets_what_no_other_does)
{
	struct event story[] = {
		AT(4, ACQUIRE(1, A)),
		WHEN(50, RELEASE(1, A)),
		AT(5, ACQUIRE(1, A)),
		RELEASE(1, A),
		AT(7, WHEN(130, WAITED(2, A, 30))),
	};
	const struct lock_usage *u =
		usage_of_lock(RUN(&analysis_contention, story), A);

	ck_assert_uint_eq(u->n_blame, 1);
	ck_assert_uint_eq(blamed(u, 7, 5), 30);
}
END_TEST

START_TEST(readers_wait_for_writers_only)
{
	struct event story[] = {
		AT(5, ACQUIRE(1, RW)),
		WHEN(120, RELEASE(1, RW)),
		AT(6, ACQUIRE_SHARED(3, RW)),
		WHEN(122, RELEASE_SHARED(3, RW)),
		AT(7, WHEN(130, WAITED_SHARED(2, RW, 30))),
		WHEN(140, RELEASE_SHARED(2, RW)),
		AT(8, WHEN(150, WAITED(4, RW, 25))),
	};
	const struct lock_usage *u =
		usage_of_lock(RUN(&analysis_contention, story), RW);

	ck_assert_uint_eq(blamed(u, 7, 5), 30);
	ck_assert_uint_eq(blamed(u, 7, 6), 0);
	ck_assert_uint_eq(blamed(u, 8, 7), 25);
	ck_assert_uint_eq(u->shared, 2);
	ck_assert_uint_eq(u->acquisitions, 4);
}
END_TEST

START_TEST(two_threads_in_turns_wait_what_they_work)
{
	struct event story[40];
	const struct lock_usage *u;
	const struct report *r;
	uint64_t now = 1;

	/* Each section takes 1 ms; thread 2 asks as thread 1 begins. */
	for (unsigned i = 0; i < 40; i += 4) {
		story[i] = AT(5, WHEN(now, ACQUIRE(1, A)));
		now += MS;
		story[i + 1] = WHEN(now, RELEASE(1, A));
		story[i + 2] = AT(6, WHEN(now, WAITED(2, A, MS)));
		now += MS;
		story[i + 3] = WHEN(now, RELEASE(2, A));
	}
	r = RUN(&analysis_contention, story);
	u = usage_of_lock(r, A);

	ck_assert_uint_eq(only_finding(r)->weight, 10 * MS);
	ck_assert_uint_eq(u->wait->n, 10);
	ck_assert_uint_eq(u->wait->sum_ns, 10 * MS);
	ck_assert_uint_eq(u->wait->max_ns, MS);
	ck_assert_uint_eq(u->hold->n, 20);
	ck_assert_uint_eq(u->hold->sum_ns, 20 * MS);
	ck_assert_uint_eq(u->acquisitions, 20);
	ck_assert_uint_eq(u->contended, 10);
	ck_assert_uint_eq(u->n_threads, 2);
	ck_assert_uint_eq(blamed(u, 6, 5), 10 * MS);
	ck_assert_uint_eq(u->blame[0].count, 10);
}
END_TEST

START_TEST(worst_place_is_the_one_that_waited_most_in_all)
{
	struct event story[] = {
		AT(4, ACQUIRE(1, A)),
		WHEN(3 * MS, RELEASE(1, A)),
		AT(7, WHEN(3 * MS, WAITED(2, A, 3 * MS))),
		WHEN(5 * MS, RELEASE(2, A)),
		AT(8, WHEN(5 * MS, WAITED(3, A, 2 * MS))),
		WHEN(7 * MS, RELEASE(3, A)),
		AT(8, WHEN(7 * MS, WAITED(4, A, 2 * MS))),
	};
	const struct finding *f =
		only_finding(RUN(&analysis_contention, story));

	ck_assert_uint_eq(f->sides[0].stack, 8);
	ck_assert_uint_eq(f->weight, 7 * MS);
}
END_TEST

START_TEST(holds_are_timed_if_both_ends_are_stamped)
{
	struct event story[] = {
		WHEN(10, ACQUIRE(1, A)), WHEN(17, RELEASE(1, A)), ACQUIRE(1, A),
		WHEN(40, RELEASE(1, A)), WHEN(50, ACQUIRE(1, A)), RELEASE(1, A),
	};
	const struct lock_usage *u =
		usage_of_lock(RUN(&analysis_contention, story), A);

	ck_assert_uint_eq(u->hold->n, 1);
	ck_assert_uint_eq(u->hold->sum_ns, 7);
	ck_assert_uint_eq(u->acquisitions, 3);
}
END_TEST

START_TEST(stamps_made_for_a_waiter_are_no_sample)
{
	struct event story[] = {
		WHEN(10, ACQUIRE(1, A)),
		WHEN(17, RELEASE(1, A)),
		WHEN(20, ACQUIRE(1, A)),
		WHEN(90, RELEASE(1, A)),
	};
	const struct lock_usage *u;

	story[2].weight = 0;
	u = usage_of_lock(RUN(&analysis_contention, story), A);

	ck_assert_uint_eq(u->hold->n, 1);
	ck_assert_uint_eq(u->hold->sum_ns, 7);
}
END_TEST

/* Of four holds three are like the one of 20 ns: 40 ns each on average. */
START_TEST(a_sampled_hold_counts_for_those_it_stands_for)
{
	struct event story[] = {
		WHEN(100, ACQUIRE(1, A)),
		WHEN(200, RELEASE(1, A)),
		WHEN(300, ACQUIRE(1, A)),
		WHEN(320, RELEASE(1, A)),
	};
	const struct lock_usage *u;

	story[2].weight = 3;
	u = usage_of_lock(RUN(&analysis_contention, story), A);

	ck_assert_uint_eq(u->hold->n, 2);
	ck_assert_uint_eq(u->hold->sum_ns, 80);
	ck_assert_uint_le(u->hold->p50_ns, 20 + 20 / 8);
}
END_TEST

START_TEST(recursive_lock_is_held_from_first_to_last)
{
	struct event story[] = {
		WHEN(10, ACQUIRE(1, RECURSIVE)),
		WHEN(20, ACQUIRE(1, RECURSIVE)),
		WHEN(30, RELEASE(1, RECURSIVE)),
		WHEN(45, RELEASE(1, RECURSIVE)),
	};
	const struct lock_usage *u =
		usage_of_lock(RUN(&analysis_contention, story), RECURSIVE);

	ck_assert_uint_eq(u->hold->n, 1);
	ck_assert_uint_eq(u->hold->sum_ns, 35);
}
END_TEST

START_TEST(condition_wait_ends_a_hold)
{
	struct event story[] = {
		WHEN(10, ACQUIRE(1, A)),      WHEN(15, RELEASE(1, A)),
		WHEN(15, WAIT(1, CONDITION)), WHEN(90, WAKE(1, CONDITION)),
		WHEN(90, ACQUIRE(1, A)),      WHEN(92, RELEASE(1, A)),
	};
	const struct lock_usage *u =
		usage_of_lock(RUN(&analysis_contention, story), A);

	ck_assert_uint_eq(u->hold->sum_ns, 7);
	ck_assert_uint_eq(u->hold->max_ns, 5);
}
END_TEST

START_TEST(semaphore_used_as_a_queue_is_no_contention)
{
	struct event story[] = {
		AT(5, POST(1, SEM)),
		AT(6, WHEN(30 * MS, told_wait(TAKE(2, SEM), 30 * MS))),
	};
	const struct report *r = RUN(&analysis_contention, story);
	const struct lock_usage *u = usage_of_lock(r, SEM);

	ck_assert_uint_eq(report_n_added(r), 0);
	ck_assert_uint_eq(u->acquisitions, 1);
	ck_assert_uint_eq(u->contended, 1);
	ck_assert_uint_eq(blamed(u, 6, 5), 30 * MS);
}
END_TEST

START_TEST(semaphore_used_as_a_mutex_is_contention)
{
	struct event story[] = {
		TAKE(1, SEM),
		AT(5, POST(1, SEM)),
		AT(6, WHEN(30 * MS, told_wait(TAKE(2, SEM), 30 * MS))),
		POST(2, SEM),
	};
	const struct finding *f =
		only_finding(RUN(&analysis_contention, story));

	ck_assert_uint_eq(f->object, SEM);
	ck_assert_uint_eq(f->sides[1].stack, 5);
	ck_assert_uint_eq(f->sides[1].n_held, 0);
	ck_assert(f->sides[1].held_unknown);
	ck_assert_ptr_null(strstr(f->advice, "holding"));
}
END_TEST

START_TEST(threads_are_counted_once_each)
{
	struct event story[] = {
		ACQUIRE(1, A),	RELEASE(1, A), ACQUIRE(70, A), RELEASE(70, A),
		ACQUIRE(1, A),	RELEASE(1, A), ACQUIRE(65, A), RELEASE(65, A),
		ACQUIRE(70, A), ACQUIRE(1, B),
	};
	const struct report *r = RUN(&analysis_contention, story);

	ck_assert_uint_eq(usage_of_lock(r, A)->n_threads, 3);
	ck_assert_uint_eq(usage_of_lock(r, A)->acquisitions, 5);
	ck_assert_uint_eq(usage_of_lock(r, B)->n_threads, 1);
}
END_TEST

START_TEST(foreign_release_ends_the_hold_of_the_owner)
{
	struct event story[] = {
		AT(5, ACQUIRE(1, A)),
		WHEN(120, FOREIGN(3, A)),
		AT(7, WHEN(130, WAITED(2, A, 30))),
	};
	const struct lock_usage *u =
		usage_of_lock(RUN(&analysis_contention, story), A);

	ck_assert_uint_eq(blamed(u, 7, 5), 30);
}
END_TEST

/* More sections than are kept end inside one wait: no part of it is lost. */
START_TEST(parts_add_up_to_the_wait)
{
	enum { MANY = 6000 };
	static struct event story[2 * MANY + 1];
	const struct lock_usage *u;
	uint64_t sum_ns = 0;

	for (unsigned i = 0; i < MANY; i++) {
		story[2 * i] = AT(5 + i % 3, ACQUIRE(1, A));
		story[2 * i + 1] = WHEN(10 + 10 * i, RELEASE(1, A));
	}
	story[2 * MANY] =
		AT(9, WHEN(10 * MANY + 7, WAITED(2, A, 10 * MANY + 7)));
	u = usage_of_lock(RUN(&analysis_contention, story), A);
	for (size_t i = 0; i < u->n_blame; i++) {
		sum_ns += u->blame[i].wait_ns;
		ck_assert_uint_eq(u->blame[i].count, 1);
	}
	ck_assert_uint_eq(u->n_blame, 3);
	ck_assert_uint_eq(sum_ns, 10 * MANY + 7);
}
END_TEST

START_TEST(who_waits_is_shown_with_what_it_holds)
{
	struct event story[] = {
		AT(3, ACQUIRE(2, B)),
		AT(5, WHEN(1, ACQUIRE(1, A))),
		AT(6, WHEN(1, REQUEST(2, A))),
		WHEN(1 + 20 * MS, RELEASE(1, A)),
		AT(6, WHEN(1 + 20 * MS, WAITED(2, A, 20 * MS))),
	};
	const struct finding *f =
		only_finding(RUN(&analysis_contention, story));

	ck_assert_uint_eq(f->sides[0].n_held, 1);
	ck_assert_uint_eq(f->sides[0].held[0].object, B);
	ck_assert_uint_eq(f->sides[0].held[0].stack, 3);
}
END_TEST

static struct event timed_out(uint64_t now_ns, uint64_t wait_ns, uint32_t who,
			      uint32_t lock)
{
	return WHEN(now_ns,
		    told_wait(REQUEST_FAILED(who, lock, ETIMEDOUT), wait_ns));
}

/* Thread 3 has it for the first 10 ms of the wait, thread 1 for the rest. */
START_TEST(wait_that_timed_out_counts)
{
	struct event story[] = {
		AT(4, WHEN(1, ACQUIRE(3, A))),
		AT(6, WHEN(MS, REQUEST(2, A))),
		WHEN(11 * MS, RELEASE(3, A)),
		AT(5, WHEN(11 * MS, ACQUIRE(1, A))),
		AT(6, timed_out(31 * MS, 30 * MS, 2, A)),
	};
	const struct report *r = RUN(&analysis_contention, story);
	const struct lock_usage *u = usage_of_lock(r, A);

	ck_assert_uint_eq(only_finding(r)->weight, 30 * MS);
	ck_assert_uint_eq(u->wait->sum_ns, 30 * MS);
	ck_assert_uint_eq(u->wait->n, 1);
	ck_assert_uint_eq(u->contended, 0);
	ck_assert_uint_eq(u->acquisitions, 2);
	ck_assert_uint_eq(blamed(u, 6, 4), 10 * MS);
	ck_assert_uint_eq(blamed(u, 6, 5), 20 * MS);
}
END_TEST

START_TEST(wait_that_has_not_ended_counts_until_the_end)
{
	struct event story[] = {
		AT(5, WHEN(1, ACQUIRE(1, A))),
		AT(6, WHEN(5 * MS, REQUEST(2, A))),
	};
	const struct setting setting = { .duration_ns = 25 * MS };
	const struct report *r = RUN_IN(&analysis_contention, story, &setting);

	ck_assert_uint_eq(only_finding(r)->weight, 20 * MS);
	ck_assert_uint_eq(blamed(usage_of_lock(r, A), 6, 5), 20 * MS);
}
END_TEST

START_TEST(deadlock_is_no_contention)
{
	struct event story[] = {
		WHEN(1, ACQUIRE(1, A)),	 WHEN(1, ACQUIRE(2, B)),
		WHEN(1, REQUEST(1, B)),	 WHEN(1, REQUEST(2, A)),
		WHEN(MS, REQUEST(3, A)),
	};
	const struct setting setting = { .duration_ns = 25 * MS };
	const struct report *r = RUN_IN(&analysis_contention, story, &setting);

	ck_assert_uint_eq(report_n_added(r), 0);
}
END_TEST

/* The writer is stuck behind the reader, and the reader for the mutex. */
START_TEST(deadlock_with_a_reader_is_no_contention)
{
	struct event story[] = {
		WHEN(1, ACQUIRE_SHARED(1, RW)),
		WHEN(1, ACQUIRE(2, A)),
		WHEN(1, REQUEST(1, A)),
		WHEN(1, REQUEST(2, RW)),
	};
	const struct setting setting = { .duration_ns = 25 * MS };
	const struct report *r = RUN_IN(&analysis_contention, story, &setting);

	ck_assert_uint_eq(report_n_added(r), 0);
}
END_TEST

/* A thread sleeps by it, until the time is up or the program ends. */
START_TEST(semaphore_that_nobody_has_is_not_waited_for)
{
	struct event story[] = {
		WHEN(1, REQUEST(1, SEM)),
		timed_out(30 * MS, 30 * MS, 1, SEM),
		WHEN(30 * MS, REQUEST(1, SEM)),
	};
	const struct setting setting = { .duration_ns = 60 * MS };
	const struct report *r = RUN_IN(&analysis_contention, story, &setting);

	ck_assert_uint_eq(report_n_added(r), 0);
	ck_assert_uint_eq(usage_of_lock(r, SEM)->wait->sum_ns, 60 * MS);
}
END_TEST

Suite *suite_contention(void)
{
	Suite *s = suite_create("contention");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, wait_for_a_held_mutex_is_reported_with_both_places);
	tcase_add_test(tc, uncontended_lock_is_not_reported);
	tcase_add_test(tc, short_waits_are_counted_only);
	tcase_add_test(tc, what_counts_depends_on_how_long_threads_lived);
	tcase_add_test(tc, life_of_a_thread_ends_with_its_exit);
	tcase_add_test(tc, wait_is_split_over_the_sections_that_ended_in_it);
	tcase_add_test(
		tc, release_without_a_stamp_gets_what_follows_the_last_stamp);
	tcase_add_test(tc, release_before_the_wait_gets_what_no_other_does);
	tcase_add_test(tc, readers_wait_for_writers_only);
	tcase_add_test(tc, two_threads_in_turns_wait_what_they_work);
	tcase_add_test(tc, worst_place_is_the_one_that_waited_most_in_all);
	tcase_add_test(tc, holds_are_timed_if_both_ends_are_stamped);
	tcase_add_test(tc, stamps_made_for_a_waiter_are_no_sample);
	tcase_add_test(tc, a_sampled_hold_counts_for_those_it_stands_for);
	tcase_add_test(tc, recursive_lock_is_held_from_first_to_last);
	tcase_add_test(tc, condition_wait_ends_a_hold);
	tcase_add_test(tc, semaphore_used_as_a_queue_is_no_contention);
	tcase_add_test(tc, semaphore_used_as_a_mutex_is_contention);
	tcase_add_test(tc, threads_are_counted_once_each);
	tcase_add_test(tc, foreign_release_ends_the_hold_of_the_owner);
	tcase_add_test(tc, parts_add_up_to_the_wait);
	tcase_add_test(tc, who_waits_is_shown_with_what_it_holds);
	tcase_add_test(tc, wait_that_timed_out_counts);
	tcase_add_test(tc, wait_that_has_not_ended_counts_until_the_end);
	tcase_add_test(tc, deadlock_is_no_contention);
	tcase_add_test(tc, deadlock_with_a_reader_is_no_contention);
	tcase_add_test(tc, semaphore_that_nobody_has_is_not_waited_for);
	suite_add_tcase(s, tc);
	return s;
}

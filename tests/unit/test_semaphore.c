/* SPDX-License-Identifier: MIT */
/* Semaphores and barriers used for more than they are for. */
#include <errno.h>

#include "script.h"
#include "suites.h"

#define ASSERT_NOTHING(story) \
	ck_assert_uint_eq(report_n_added(RUN(&analysis_semaphore, story)), 0)

#define ONLY(story) only_finding(RUN(&analysis_semaphore, story))

#define MEET(one, other, barrier)                                           \
	ARRIVE(one, barrier), ARRIVE(other, barrier), DEPART(one, barrier), \
		DEPART(other, barrier)

#define POST_FAILED(who, sem, error) told_code(RELEASE_FAILED(who, sem), error)

START_TEST(post_past_the_largest_value_is_reported)
{
	struct event story[] = {
		AT(5, POST(1, SEM)),
		POST_FAILED(1, SEM, EOVERFLOW),
		AT(5, POST(1, SEM)),
		POST_FAILED(1, SEM, EOVERFLOW),
	};
	struct event works[] = { POST(1, SEM), TAKE(1, SEM) };
	struct event invalid[] = { POST(1, SEM), POST_FAILED(1, SEM, EINVAL) };
	const struct finding *f = ONLY(story);

	ck_assert_str_eq(f->rule->id, "sem-overflow");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->object, SEM);
	ck_assert_uint_eq(f->count, 2);
	ck_assert_uint_eq(f->sides[0].stack, 5);
	ASSERT_NOTHING(works);
	ASSERT_NOTHING(invalid);
}
END_TEST

START_TEST(barrier_that_ends_with_a_thread_at_it_is_reported)
{
	struct event destroyed[] = {
		INIT_FOR(1, BARRIER, 2),
		MEET(1, 2, BARRIER),
		AT(5, ARRIVE(2, BARRIER)),
		AT(6, DESTROY(1, BARRIER)),
	};
	struct event initialised[] = {
		INIT_FOR(1, BARRIER, 2),
		ARRIVE(2, BARRIER),
		INIT_FOR(1, BARRIER_AGAIN, 2),
	};
	struct event freed[] = {
		INIT_FOR(1, BARRIER, 2),
		ARRIVE(2, BARRIER),
		FREED(1, BARRIER),
	};
	const struct finding *f = ONLY(destroyed);

	ck_assert_str_eq(f->rule->id, "barrier-misuse");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->sides[0].thread, 1);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_uint_eq(f->sides[1].thread, 2);
	ck_assert_uint_eq(f->sides[1].stack, 5);
	ONLY(initialised);
	ONLY(freed);
}
END_TEST

START_TEST(barrier_that_ends_when_its_round_is_complete_is_not)
{
	/* Thread 2 has passed, and has not said so yet. */
	struct event passed[] = {
		INIT_FOR(1, BARRIER, 2), ARRIVE(1, BARRIER),
		ARRIVE(2, BARRIER),	 DEPART(1, BARRIER),
		DESTROY(1, BARRIER),	 DEPART(2, BARRIER),
	};
	struct event unused[] = {
		INIT_FOR(1, BARRIER, 2),
		DESTROY(1, BARRIER),
	};
	struct event unknown[] = { ARRIVE(2, BARRIER), DESTROY(1, BARRIER) };
	struct event gap[] = {
		INIT_FOR(1, BARRIER, 2),
		GAP(BARRIER),
		ARRIVE(2, BARRIER),
		DESTROY(1, BARRIER),
	};

	ASSERT_NOTHING(passed);
	ASSERT_NOTHING(unused);
	ASSERT_NOTHING(unknown);
	ASSERT_NOTHING(gap);
}
END_TEST

START_TEST(more_threads_in_turn_than_it_is_for_are_reported)
{
	struct event story[] = {
		INIT_FOR(1, BARRIER, 2),
		MEET(1, 2, BARRIER),
		MEET(3, 1, BARRIER),
		MEET(2, 3, BARRIER),
	};
	const struct finding *f = ONLY(story);

	ck_assert_str_eq(f->rule->id, "barrier-misuse");
	ck_assert_int_eq(f->level, LEVEL_WARNING);
	ck_assert_uint_eq(f->n_sides, 3);
}
END_TEST

START_TEST(threads_that_take_the_place_of_others_are_not)
{
	struct event story[] = {
		INIT_FOR(1, BARRIER, 2), MEET(1, 2, BARRIER),
		MEET(1, 2, BARRIER),	 MEET(1, 3, BARRIER),
		MEET(1, 4, BARRIER),
	};

	ASSERT_NOTHING(story);
}
END_TEST

Suite *suite_semaphore(void)
{
	Suite *s = suite_create("semaphore");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, post_past_the_largest_value_is_reported);
	tcase_add_test(tc, barrier_that_ends_with_a_thread_at_it_is_reported);
	tcase_add_test(tc, barrier_that_ends_when_its_round_is_complete_is_not);
	tcase_add_test(tc, more_threads_in_turn_than_it_is_for_are_reported);
	tcase_add_test(tc, threads_that_take_the_place_of_others_are_not);
	suite_add_tcase(s, tc);
	return s;
}

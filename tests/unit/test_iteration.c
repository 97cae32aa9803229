/* SPDX-License-Identifier: MIT */
/* Iterations and what changes the map meanwhile: ANALYSIS 6, 37 and 38. */
#include <string.h>

#include "script.h"
#include "suites.h"

#define RUN_IT(story) RUN(&analysis_iteration, story)

enum { IT = 77, OTHER_IT = 78 };

static const struct finding *one(const struct report *r)
{
	const struct finding *f = only_finding(r);

	ck_assert_str_eq(f->rule->id, "map-iter-invalidated");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->n_sides, 2);
	return f;
}

START_TEST(own_write_between_two_steps_is_an_error)
{
	struct event story[] = {
		BEGIN_WITH(1, M, IT, 0),
		HIT(STEP(1, M, IT, 0)),
		AT(8, MISS(KEY(5, WRITE(1, M, 1, 1)))),
		AT(9, HIT(STEP(1, M, IT, 1))),
	};
	const struct finding *f = one(RUN_IT(story));

	ck_assert_uint_eq(f->object, M);
	ck_assert_uint_eq(f->sides[0].stack, 9);
	ck_assert_uint_eq(f->sides[1].stack, 8);
	ck_assert_uint_eq(f->sides[1].write_number, 1);
	ck_assert_ptr_nonnull(strstr(f->message, "other than through"));
}
END_TEST

START_TEST(write_between_beginning_and_first_step_counts)
{
	struct event story[] = {
		BEGIN_WITH(1, M, IT, 0),
		MISS(KEY(5, WRITE(1, M, 1, 1))),
		HIT(STEP(1, M, IT, 1)),
	};

	one(RUN_IT(story));
}
END_TEST

START_TEST(write_of_another_thread_is_an_error_under_any_lock)
{
	struct event story[] = {
		ACQUIRE(1, A),
		BEGIN_WITH(1, M, IT, 0),
		HIT(STEP(1, M, IT, 0)),
		AT(8, MISS(KEY(5, WRITE(2, M, 1, 1)))),
		AT(9, HIT(STEP(1, M, IT, 1))),
		RELEASE(1, A),
	};
	const struct finding *f = one(RUN_IT(story));

	ck_assert_uint_eq(f->sides[0].n_held, 1);
	ck_assert_uint_eq(f->sides[1].n_held, 0);
	ck_assert_uint_eq(f->sides[1].thread, 2);
	ck_assert_ptr_nonnull(strstr(f->message, "Another thread"));
}
END_TEST

/* The merge may tell a thread's writes long before what others saw then. */
START_TEST(write_that_is_told_early_counts_where_it_was)
{
	struct event story[] = {
		MISS(KEY(5, WRITE(2, M, 1, 1))),
		MISS(KEY(6, WRITE(2, M, 2, 2))),
		BEGIN_WITH(1, M, IT, 0),
		HIT(STEP(1, M, IT, 1)),
	};

	one(RUN_IT(story));
}
END_TEST

START_TEST(write_after_the_step_is_not_before_it)
{
	struct event story[] = {
		MISS(KEY(5, WRITE(2, M, 1, 1))),
		MISS(KEY(6, WRITE(2, M, 2, 2))),
		BEGIN_WITH(1, M, IT, 1),
		HIT(STEP(1, M, IT, 1)),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(removal_through_the_iterator_is_right)
{
	struct event story[] = {
		BEGIN_WITH(1, M, IT, 0),  HIT(STEP(1, M, IT, 0)),
		REMOVE_WITH(1, M, IT, 1), HIT(STEP(1, M, IT, 1)),
		REMOVE_WITH(1, M, IT, 2), MISS(STEP(1, M, IT, 2)),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(removal_through_another_iterator_is_not)
{
	struct event story[] = {
		BEGIN_WITH(1, M, IT, 0),      BEGIN_WITH(1, M, OTHER_IT, 0),
		HIT(STEP(1, M, OTHER_IT, 0)), REMOVE_WITH(1, M, OTHER_IT, 1),
		HIT(STEP(1, M, IT, 1)),
	};

	one(RUN_IT(story));
}
END_TEST

START_TEST(write_that_changes_no_key_is_right)
{
	struct event story[] = {
		BEGIN_WITH(1, M, IT, 0),	HIT(STEP(1, M, IT, 0)),
		HIT(KEY(5, WRITE(1, M, 1, 1))), MISS(KEY(6, REMOVE(1, M, 2))),
		HIT(STEP(1, M, IT, 2)),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(iteration_that_is_not_continued_is_right)
{
	struct event story[] = {
		BEGIN_WITH(1, M, IT, 0),	 HIT(STEP(1, M, IT, 0)),
		MISS(KEY(5, WRITE(1, M, 1, 1))), BEGIN_WITH(1, M, IT, 1),
		HIT(STEP(1, M, IT, 1)),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(same_place_on_the_stack_for_another_map_is_another_iteration)
{
	struct event story[] = {
		BEGIN_WITH(1, M, IT, 0),
		MISS(KEY(5, WRITE(1, M, 1, 1))),
		STEP(1, N, IT, 3),
		HIT(STEP(1, M, IT, 1)),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(where_events_are_missing_nothing_is_said)
{
	struct event story[] = {
		BEGIN_WITH(1, M, IT, 0),
		DROP(1),
		MISS(KEY(5, WRITE(2, M, 1, 1))),
		HIT(STEP(1, M, IT, 1)),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

Suite *suite_iteration(void)
{
	Suite *s = suite_create("iteration");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, own_write_between_two_steps_is_an_error);
	tcase_add_test(tc, write_between_beginning_and_first_step_counts);
	tcase_add_test(tc, write_of_another_thread_is_an_error_under_any_lock);
	tcase_add_test(tc, write_that_is_told_early_counts_where_it_was);
	tcase_add_test(tc, write_after_the_step_is_not_before_it);
	tcase_add_test(tc, removal_through_the_iterator_is_right);
	tcase_add_test(tc, removal_through_another_iterator_is_not);
	tcase_add_test(tc, write_that_changes_no_key_is_right);
	tcase_add_test(tc, iteration_that_is_not_continued_is_right);
	tcase_add_test(
		tc,
		same_place_on_the_stack_for_another_map_is_another_iteration);
	tcase_add_test(tc, where_events_are_missing_nothing_is_said);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/*
 * What comes after the end of a map, and maps without one: ANALYSIS 1.5, and
 * 6, 20 and 21.
 */
#include "script.h"
#include "suites.h"

#define RUN_IT(story) RUN(&analysis_map_life, story)

static void assert_misuse(const struct report *r, uint32_t stack)
{
	const struct finding *f = only_finding(r);

	ck_assert_str_eq(f->rule->id, "map-use-after-destroy");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->object, M);
	ck_assert_uint_eq(f->sides[1].stack, stack);
}

START_TEST(read_after_the_end_is_an_error)
{
	struct event story[] = {
		WRITE(1, M, 1, 1),
		FREE_MAP(1, M, 2),
		AT(9, READ(2, M, 2, 2)),
	};

	assert_misuse(RUN_IT(story), 9);
}
END_TEST

START_TEST(write_after_the_end_is_an_error)
{
	struct event story[] = { FREE_MAP(1, M, 1), AT(9, WRITE(1, M, 2, 2)) };

	assert_misuse(RUN_IT(story), 9);
}
END_TEST

START_TEST(call_that_has_two_records_counts_once)
{
	struct event story[] = {
		FREE_MAP(1, M, 1),
		AT(9, ENTER_READ(2, M, 1)),
		LEAVE(2, M, 1),
	};

	assert_misuse(RUN_IT(story), 9);
}
END_TEST

START_TEST(read_before_the_end_may_be_told_after_it)
{
	struct event story[] = {
		WRITE(1, M, 1, 1),
		FREE_MAP(1, M, 2),
		READ(2, M, 1, 1),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(other_map_is_not_the_one_destroyed)
{
	struct event story[] = {
		FREE_MAP(1, M, 1),
		told(CMSHIM_OP_MAP_NEW, 2, N),
		WRITE(2, N, 1, 1),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(destroying_twice_is_no_use)
{
	struct event story[] = { FREE_MAP(1, M, 1), FREE_MAP(1, M, 2) };

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(ten_left_where_others_ended_are_a_leak)
{
	struct event story[] = { FREE_MAP(1, MADE_MAP, 1) };
	const struct finding *f = only_finding(RUN_IT(story));

	ck_assert_str_eq(f->rule->id, "map-leak");
	ck_assert_int_eq(f->level, LEVEL_NOTE);
	ck_assert_uint_eq(f->object, MADE_MAP + 1);
	ck_assert_uint_eq(f->weight, 10);
	ck_assert_uint_eq(f->sides[0].stack, 3);
	ck_assert_str_eq(f->message, "Of the maps made here 10 were left at "
				     "the end; 1 were destroyed");
}
END_TEST

START_TEST(nine_left_may_be_meant_to_stay)
{
	struct event story[] = { FREE_MAP(1, MADE_MAP, 1),
				 FREE_MAP(2, MADE_MAP + 7, 1) };

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(maps_of_a_place_where_none_ends_are_no_leak)
{
	struct event story[] = { WRITE(1, MADE_MAP, 1, 1), FREE_MAP(1, M, 1) };

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(a_killed_process_had_no_time_to_end_its_maps)
{
	static const struct setting killed = { .state = CMSHIM_RECORDING };
	struct event story[] = { FREE_MAP(1, MADE_MAP, 1) };

	ck_assert_uint_eq(
		report_n_added(RUN_IN(&analysis_map_life, story, &killed)), 0);
}
END_TEST

Suite *suite_map_life(void)
{
	Suite *s = suite_create("map_life");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, read_after_the_end_is_an_error);
	tcase_add_test(tc, write_after_the_end_is_an_error);
	tcase_add_test(tc, call_that_has_two_records_counts_once);
	tcase_add_test(tc, read_before_the_end_may_be_told_after_it);
	tcase_add_test(tc, other_map_is_not_the_one_destroyed);
	tcase_add_test(tc, destroying_twice_is_no_use);
	tcase_add_test(tc, ten_left_where_others_ended_are_a_leak);
	tcase_add_test(tc, nine_left_may_be_meant_to_stay);
	tcase_add_test(tc, maps_of_a_place_where_none_ends_are_no_leak);
	tcase_add_test(tc, a_killed_process_had_no_time_to_end_its_maps);
	suite_add_tcase(s, tc);
	return s;
}

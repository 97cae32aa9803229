/* SPDX-License-Identifier: MIT */
/* Which two stacks may be of one activation of a function. */
#include "maps/pairs.h"

#include "suites.h"

#define STACK(...)                                                      \
	(&(struct stack_info){                                          \
		.frames = (const uint64_t[]){ __VA_ARGS__ },            \
		.n_frames = sizeof((const uint64_t[]){ __VA_ARGS__ }) / \
			    sizeof(uint64_t),                           \
	})

START_TEST(two_lines_of_a_function_are_one_activity)
{
	ck_assert(pairs_are_one_activity(STACK(10, 50, 60, 70),
					 STACK(11, 50, 60, 70)));
	ck_assert(pairs_are_one_activity(STACK(10, 50), STACK(10, 50)));
}
END_TEST

START_TEST(a_function_for_each_is_allowed)
{
	ck_assert(pairs_are_one_activity(STACK(1, 10, 50, 60),
					 STACK(2, 11, 50, 60)));
	ck_assert(pairs_are_one_activity(STACK(10, 50, 60),
					 STACK(2, 11, 50, 60)));
}
END_TEST

START_TEST(calls_far_below_a_common_function_are_not_one)
{
	ck_assert(!pairs_are_one_activity(STACK(1, 2, 10, 50, 60),
					  STACK(3, 4, 11, 50, 60)));
	ck_assert(!pairs_are_one_activity(STACK(1, 2, 10, 50, 60),
					  STACK(11, 50, 60)));
}
END_TEST

Suite *suite_pairs(void)
{
	Suite *s = suite_create("pairs");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, two_lines_of_a_function_are_one_activity);
	tcase_add_test(tc, a_function_for_each_is_allowed);
	tcase_add_test(tc, calls_far_below_a_common_function_are_not_one);
	suite_add_tcase(s, tc);
	return s;
}

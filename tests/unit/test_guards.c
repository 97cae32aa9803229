/* SPDX-License-Identifier: MIT */
/* Waiting for what one would not have met: ANALYSIS 6, 48. */
#include <string.h>

#include "maps/footprint.h"
#include "script.h"
#include "suites.h"

#define RUN_IT(story) RUN(&analysis_guards, story)
#define MS	      1000000u

/* Thread 1 has A until 5 ms; thread 2 waited for it since 1 ms. */
#define WAITING(holder_uses, waiter_uses)                               \
	AT(7, ACQUIRE(1, A)), holder_uses, WHEN(5 * MS, RELEASE(1, A)), \
		AT(8, WHEN(5 * MS, WAITED(2, A, 4 * MS))), waiter_uses, \
		RELEASE(2, A)

START_TEST(waiting_for_a_section_of_another_map_is_coarse)
{
	struct event story[] = {
		WAITING(KEY(1, READ(1, M, 0, 0)), KEY(1, READ(2, N, 0, 0))),
	};
	const struct finding *f = only_finding(RUN_IT(story));

	ck_assert_str_eq(f->rule->id, "guard-coarse");
	ck_assert_int_eq(f->level, LEVEL_ADVICE);
	ck_assert_uint_eq(f->object, A);
	ck_assert_uint_eq(f->weight, 4 * MS);
	ck_assert_uint_eq(f->sides[0].stack, 8);
	ck_assert_uint_eq(f->sides[0].thread, 2);
	ck_assert_uint_eq(f->sides[0].waits_for, A);
	ck_assert_uint_eq(f->sides[1].stack, 7);
	ck_assert_uint_eq(f->sides[1].thread, 1);
	ck_assert_ptr_nonnull(strstr(f->message, "100 %"));
}
END_TEST

START_TEST(waiting_for_a_section_of_other_keys_is_for_the_keys)
{
	struct event story[] = {
		WAITING(KEY(1, READ(1, M, 0, 0)), KEY(2, WRITE(2, M, 1, 1))),
	};
	const struct finding *f = only_finding(RUN_IT(story));

	ck_assert_str_eq(f->rule->id, "guard-keys");
	ck_assert_uint_eq(f->object, M);
	ck_assert_uint_eq(f->weight, 4 * MS);
}
END_TEST

START_TEST(waiting_for_the_same_key_is_right)
{
	struct event story[] = {
		WAITING(KEY(1, READ(1, M, 0, 0)), KEY(1, WRITE(2, M, 1, 1))),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(call_on_all_keys_meets_every_other)
{
	struct event story[] = {
		WAITING(READ(1, M, 0, 0), KEY(1, WRITE(2, M, 1, 1))),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(section_without_maps_may_protect_anything)
{
	struct event story[] = {
		WAITING(READ(1, M, 0, 0), POST(2, SEM)),
		WAITING(POST(1, SEM), READ(2, M, 0, 0)),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(less_than_half_of_the_waiting_is_no_advice)
{
	struct event story[] = {
		WAITING(KEY(1, READ(1, M, 0, 0)), KEY(1, READ(2, N, 0, 0))),
		AT(7, ACQUIRE(1, A)),
		KEY(1, WRITE(1, M, 1, 1)),
		WHEN(15 * MS, RELEASE(1, A)),
		AT(8, WHEN(15 * MS, WAITED(2, A, 5 * MS))),
		KEY(1, READ(2, M, 1, 1)),
		RELEASE(2, A),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(short_waits_are_no_advice)
{
	struct event story[] = {
		AT(7, ACQUIRE(1, A)),
		READ(1, M, 0, 0),
		WHEN(5000, RELEASE(1, A)),
		AT(8, WHEN(5000, WAITED(2, A, 4000))),
		READ(2, N, 0, 0),
		RELEASE(2, A),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(more_maps_than_are_counted_meet_every_other)
{
	struct footprint many = { .n = 0 }, one = { .n = 0 };

	for (uint32_t map = 1; map <= FOOTPRINT_MAPS; map++)
		footprint_add(&many, map, 1);
	footprint_add(&one, 99, 1);
	ck_assert_int_eq(footprint_compare(&many, &one), FOOTPRINTS_OTHER_MAPS);
	footprint_add(&many, 5, 1);
	ck_assert_int_eq(footprint_compare(&many, &one), FOOTPRINTS_MEET);
}
END_TEST

Suite *suite_guards(void)
{
	Suite *s = suite_create("guards");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, waiting_for_a_section_of_another_map_is_coarse);
	tcase_add_test(tc, waiting_for_a_section_of_other_keys_is_for_the_keys);
	tcase_add_test(tc, waiting_for_the_same_key_is_right);
	tcase_add_test(tc, call_on_all_keys_meets_every_other);
	tcase_add_test(tc, section_without_maps_may_protect_anything);
	tcase_add_test(tc, less_than_half_of_the_waiting_is_no_advice);
	tcase_add_test(tc, short_waits_are_no_advice);
	tcase_add_test(tc, more_maps_than_are_counted_meet_every_other);
	suite_add_tcase(s, tc);
	return s;
}

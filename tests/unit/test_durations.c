/* SPDX-License-Identifier: MIT */
/* Durations: sums are exact, quantiles at most an eighth too large. */
#include "report/report.h"
#include "suites.h"

static struct durations d;

static void empty(void)
{
	d = (struct durations){ 0 };
}

START_TEST(nothing_has_quantile_zero)
{
	ck_assert_uint_eq(durations_quantile(&d, 0.5), 0);
	ck_assert_uint_eq(durations_quantile(&d, 1), 0);
}
END_TEST

START_TEST(count_sum_and_maximum_are_exact)
{
	durations_add(&d, 1000003, 1);
	durations_add(&d, 7, 1);
	durations_add(&d, 0, 1);

	ck_assert_uint_eq(d.n, 3);
	ck_assert_uint_eq(d.sum_ns, 1000010);
	ck_assert_uint_eq(d.max_ns, 1000003);
}
END_TEST

/* Below 16 each value has a bucket, so 1 ... 10 has exact quantiles. */
START_TEST(small_durations_have_exact_quantiles)
{
	for (uint64_t ns = 1; ns <= 10; ns++)
		durations_add(&d, ns, 1);

	ck_assert_uint_eq(durations_quantile(&d, 0), 1);
	ck_assert_uint_eq(durations_quantile(&d, 0.1), 1);
	ck_assert_uint_eq(durations_quantile(&d, 0.11), 2);
	ck_assert_uint_eq(durations_quantile(&d, 0.5), 5);
	ck_assert_uint_eq(durations_quantile(&d, 0.99), 10);
	ck_assert_uint_eq(durations_quantile(&d, 1), 10);
}
END_TEST

/* 0.07 * 100 is 7.000000000000001 in binary. */
START_TEST(rounding_does_not_move_a_quantile)
{
	for (int i = 0; i < 7; i++)
		durations_add(&d, 1, 1);
	for (int i = 0; i < 93; i++)
		durations_add(&d, 2, 1);

	ck_assert_uint_eq(durations_quantile(&d, 0.07), 1);
	ck_assert_uint_eq(durations_quantile(&d, 0.08), 2);
}
END_TEST

/* Of 98 short and 2 long ones the 99th is long. */
START_TEST(p99_finds_the_tail)
{
	for (int i = 0; i < 98; i++)
		durations_add(&d, 10, 1);
	durations_add(&d, 5000000, 1);
	durations_add(&d, 5000000, 1);

	ck_assert_uint_eq(durations_quantile(&d, 0.98), 10);
	ck_assert_uint_eq(durations_quantile(&d, 0.99), 5000000);
}
END_TEST

/* Value and the next larger one lie in different buckets or are near. */
START_TEST(quantile_is_never_too_small_nor_an_eighth_too_large)
{
	for (uint64_t ns = 1; ns < (uint64_t)1 << 62; ns += ns / 3 + 1) {
		uint64_t q;

		empty();
		durations_add(&d, ns, 1);
		durations_add(&d, UINT64_MAX, 1);
		q = durations_quantile(&d, 0.5);
		ck_assert_uint_ge(q, ns);
		ck_assert_uint_le(q - ns, ns / 8);
	}
}
END_TEST

/* Nine of 8 ns are told by three: the tenth part is above, not the fourth. */
START_TEST(samples_count_for_those_they_stand_for)
{
	struct duration_figures f;

	for (int i = 0; i < 3; i++)
		durations_add(&d, 8, 3);
	durations_add(&d, 1008, 1);
	f = durations_figures(&d);

	ck_assert_uint_eq(f.n, 4);
	ck_assert_uint_eq(f.sum_ns, 4 * 108);
	ck_assert_uint_eq(f.max_ns, 1008);
	ck_assert_uint_eq(durations_quantile(&d, 0.9), 8);
	ck_assert_uint_eq(durations_quantile(&d, 0.91), 1008);
}
END_TEST

START_TEST(longest_possible_duration_has_a_bucket)
{
	durations_add(&d, UINT64_MAX, 1);

	ck_assert_uint_eq(durations_quantile(&d, 0.5), UINT64_MAX);
}
END_TEST

Suite *suite_durations(void)
{
	Suite *s = suite_create("durations");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, empty, NULL);
	tcase_add_test(tc, nothing_has_quantile_zero);
	tcase_add_test(tc, count_sum_and_maximum_are_exact);
	tcase_add_test(tc, small_durations_have_exact_quantiles);
	tcase_add_test(tc, rounding_does_not_move_a_quantile);
	tcase_add_test(tc, p99_finds_the_tail);
	tcase_add_test(tc, quantile_is_never_too_small_nor_an_eighth_too_large);
	tcase_add_test(tc, samples_count_for_those_they_stand_for);
	tcase_add_test(tc, longest_possible_duration_has_a_bucket);
	suite_add_tcase(s, tc);
	return s;
}

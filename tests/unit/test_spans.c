/* SPDX-License-Identifier: MIT */
/* A number over time, told in any order. */
#include "maps/spans.h"

#include "suites.h"

#define SECOND 1000000000u

static size_t list(struct spans *s, uint64_t last, uint64_t out[N_SPANS])
{
	size_t n = spans_list(s, 10 * (uint64_t)SECOND, last, out);

	ck_assert_uint_gt(n, N_SPANS / 2);
	ck_assert_uint_le(n, N_SPANS);
	return n;
}

START_TEST(sum_at_the_end_of_each_span)
{
	struct spans s = { .span_ns = 0 };
	uint64_t at[N_SPANS];
	size_t n;

	spans_add(&s, 9 * (uint64_t)SECOND, 5);
	spans_add(&s, 10, 100);
	spans_add(&s, 5 * (uint64_t)SECOND, -60);
	n = list(&s, 45, at);
	ck_assert_uint_eq(at[0], 100);
	ck_assert_uint_eq(at[4 * (uint64_t)SECOND / s.span_ns], 100);
	ck_assert_uint_eq(at[6 * (uint64_t)SECOND / s.span_ns], 40);
	ck_assert_uint_eq(at[n - 1], 45);
}
END_TEST

START_TEST(what_was_there_before_is_there_from_the_first)
{
	struct spans s = { .span_ns = 0 };
	uint64_t at[N_SPANS];

	spans_add(&s, 5 * (uint64_t)SECOND, 1);
	list(&s, 8, at);
	ck_assert_uint_eq(at[0], 7);
}
END_TEST

static bool grows(uint64_t (*size_at)(size_t i), size_t n)
{
	uint64_t at[N_SPANS];

	for (size_t i = 0; i < n; i++)
		at[i] = size_at(i);
	return spans_grow(at, n);
}

static uint64_t steadily(size_t i)
{
	return 100 * i;
}

static uint64_t at_once(size_t i)
{
	return i ? 5000 : 0;
}

static uint64_t up_and_down(size_t i)
{
	return i % 4 == 3 ? 100 * i - 250 : 100 * i;
}

static uint64_t late(size_t i)
{
	return i < N_SPANS - 4 ? 0 : 100 * i;
}

static uint64_t with_a_pause(size_t i)
{
	return i == 9 ? 800 : 100 * i;
}

START_TEST(only_what_goes_up_nearly_always_grows)
{
	ck_assert(grows(steadily, N_SPANS));
	ck_assert(grows(steadily, MIN_SPANS + 1));
	ck_assert(!grows(steadily, MIN_SPANS - 1));
	ck_assert(grows(with_a_pause, N_SPANS));
	ck_assert(!grows(at_once, N_SPANS));
	ck_assert(!grows(up_and_down, N_SPANS));
	ck_assert(!grows(late, N_SPANS));
}
END_TEST

Suite *suite_spans(void)
{
	Suite *s = suite_create("spans");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, sum_at_the_end_of_each_span);
	tcase_add_test(tc, what_was_there_before_is_there_from_the_first);
	tcase_add_test(tc, only_what_goes_up_nearly_always_grows);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/* The numbers of keys: equal keys, equal number. */
#include "shim/keys.h"

#include <string.h>

#include "suites.h"

static uint32_t number(enum key_kind kind, const void *at)
{
	return keys_code((struct key){ kind, at }, NULL);
}

START_TEST(equal_strings_elsewhere_have_one_number)
{
	char one[64], other[64];

	for (size_t n = 0; n < 40; n++) {
		memset(one, 'x', sizeof(one));
		memset(other, 'y', sizeof(other));
		memset(one, 'k', n);
		memset(other, 'k', n);
		one[n] = other[n] = '\0';
		ck_assert_uint_ne(number(KEY_STRING, one), 0);
		ck_assert_uint_eq(number(KEY_STRING, one),
				  number(KEY_STRING, other));
		one[n] = 'l';
		one[n + 1] = '\0';
		ck_assert_uint_ne(number(KEY_STRING, one),
				  number(KEY_STRING, other));
	}
}
END_TEST

START_TEST(strings_that_differ_at_their_end_only_differ)
{
	char one[201], other[201];

	memset(one, 'k', sizeof(one));
	one[200] = '\0';
	memcpy(other, one, sizeof(one));
	other[199] = 'l';
	ck_assert_uint_ne(number(KEY_STRING, one), 0);
	ck_assert_uint_ne(number(KEY_STRING, one), number(KEY_STRING, other));
}
END_TEST

START_TEST(string_too_long_to_read_has_no_number)
{
	char text[4096];

	memset(text, 'k', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	ck_assert_uint_eq(number(KEY_STRING, text), 0);
}
END_TEST

START_TEST(numbers_go_by_their_value)
{
	const int i = -7, same = -7, other = 7;
	const int64_t big = (int64_t)1 << 40, bigger = (int64_t)1 << 41;

	ck_assert_uint_eq(number(KEY_INT, &i), number(KEY_INT, &same));
	ck_assert_uint_ne(number(KEY_INT, &i), number(KEY_INT, &other));
	ck_assert_uint_ne(number(KEY_INT64, &big), number(KEY_INT64, &bigger));
}
END_TEST

START_TEST(both_zeros_are_one_key)
{
	const double zero = 0.0, negative = -0.0, one = 1.0;

	ck_assert_uint_eq(number(KEY_DOUBLE, &zero),
			  number(KEY_DOUBLE, &negative));
	ck_assert_uint_ne(number(KEY_DOUBLE, &zero), number(KEY_DOUBLE, &one));
}
END_TEST

START_TEST(table_with_a_function_not_known_tells_no_keys)
{
	uint64_t table[16] = { 0 };
	const int key = 5;

	table[3] = 0x1234;
	keys_learn(table, (const void *)(uintptr_t)0x1234);
	ck_assert_uint_eq(keys_code((struct key){ KEY_OF_TABLE, &key }, table),
			  0);
}
END_TEST

/* The recorder stores its bytes as they are. */
START_TEST(number_takes_four_bytes)
{
	for (uintptr_t i = 0; i < 10000; i++) {
		uint32_t code = number(KEY_POINTER, (const void *)i);
		uint32_t n = keys_number(code);

		ck_assert_uint_eq(code & 0x80808080, 0x00808080);
		ck_assert_uint_ge(n, 1u << 27);
		ck_assert_uint_lt(n, 1u << 28);
	}
}
END_TEST

Suite *suite_keys(void)
{
	Suite *s = suite_create("keys");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, equal_strings_elsewhere_have_one_number);
	tcase_add_test(tc, strings_that_differ_at_their_end_only_differ);
	tcase_add_test(tc, string_too_long_to_read_has_no_number);
	tcase_add_test(tc, numbers_go_by_their_value);
	tcase_add_test(tc, both_zeros_are_one_key);
	tcase_add_test(tc, table_with_a_function_not_known_tells_no_keys);
	tcase_add_test(tc, number_takes_four_bytes);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/* Texts: what is not printable does not get out; numbers for people. */
#include "text.h"

#include "suites.h"

static struct arena *mem;

static void begin(void)
{
	mem = arena_new();
}

static void end(void)
{
	arena_free(mem);
}

START_TEST(pieces_make_one_text)
{
	struct text text = { .mem = mem };

	ck_assert_str_eq(text_of(&text), "");
	for (int i = 0; i < 1000; i++)
		text_add(&text, "%d,", i % 10);
	ck_assert_uint_eq(text.n, 2000);
	ck_assert_int_eq(strncmp(text_of(&text), "0,1,2,3,4,", 10), 0);
	ck_assert_str_eq(text_of(&text) + 1998, "9,");
}
END_TEST

START_TEST(valid_characters_stay)
{
	static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";

	ck_assert_str_eq(text_clean(mem, text), text);
}
END_TEST

START_TEST(control_characters_become_question_marks)
{
	ck_assert_str_eq(text_clean(mem, "\033[31mred\n\x7f"), "?[31mred??");
	ck_assert_str_eq(text_clean(mem, "\xc2\x9bx"), "?x"); /* C1: CSI */
}
END_TEST

#define UNKNOWN "\xef\xbf\xbd"

START_TEST(what_is_no_utf_8_is_replaced)
{
	/* Latin-1, cut off, too long a form, surrogate, past the end. */
	ck_assert_str_eq(text_clean(mem, "\xe9t"), UNKNOWN "t");
	ck_assert_str_eq(text_clean(mem, "\xe2\x82"), UNKNOWN UNKNOWN);
	ck_assert_str_eq(text_clean(mem, "\xc0\xaf"), UNKNOWN UNKNOWN);
	ck_assert_str_eq(text_clean(mem, "\xed\xa0\x80"),
			 UNKNOWN UNKNOWN UNKNOWN);
	ck_assert_str_eq(text_clean(mem, "\xf4\x90\x80\x80"),
			 UNKNOWN UNKNOWN UNKNOWN UNKNOWN);
}
END_TEST

START_TEST(width_counts_characters)
{
	ck_assert_uint_eq(text_width("a\xc3\xa9\xe2\x82\xac"), 3);
}
END_TEST

START_TEST(durations_have_a_fitting_unit)
{
	ck_assert_str_eq(text_duration(0).text, "0 ns");
	ck_assert_str_eq(text_duration(999).text, "999 ns");
	ck_assert_str_eq(text_duration(1000).text, "1.0 us");
	ck_assert_str_eq(text_duration(9949).text, "9.9 us");
	ck_assert_str_eq(text_duration(9960).text, "10 us");
	ck_assert_str_eq(text_duration(999400).text, "999 us");
	ck_assert_str_eq(text_duration(999600).text, "1.0 ms");
	ck_assert_str_eq(text_duration(1234567).text, "1.2 ms");
	ck_assert_str_eq(text_duration(35000000000).text, "35 s");
	ck_assert_str_eq(text_duration(5000000000000).text, "5000 s");
}
END_TEST

START_TEST(counts_are_exact_below_ten_thousand)
{
	ck_assert_str_eq(text_count(0).text, "0");
	ck_assert_str_eq(text_count(9999).text, "9999");
	ck_assert_str_eq(text_count(10000).text, "10 k");
	ck_assert_str_eq(text_count(999700).text, "1.0 M");
	ck_assert_str_eq(text_count(1204551).text, "1.2 M");
}
END_TEST

START_TEST(shares_tell_none_from_few)
{
	ck_assert_str_eq(text_share(0, 0).text, "-");
	ck_assert_str_eq(text_share(0, 5).text, "-");
	ck_assert_str_eq(text_share(1, 100000).text, "<0.1 %");
	ck_assert_str_eq(text_share(1, 80).text, "1.2 %");
	ck_assert_str_eq(text_share(3, 4).text, "75 %");
	ck_assert_str_eq(text_share(4, 4).text, "100 %");
}
END_TEST

Suite *suite_text(void)
{
	Suite *s = suite_create("text");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, pieces_make_one_text);
	tcase_add_test(tc, valid_characters_stay);
	tcase_add_test(tc, control_characters_become_question_marks);
	tcase_add_test(tc, what_is_no_utf_8_is_replaced);
	tcase_add_test(tc, width_counts_characters);
	tcase_add_test(tc, durations_have_a_fitting_unit);
	tcase_add_test(tc, counts_are_exact_below_ten_thousand);
	tcase_add_test(tc, shares_tell_none_from_few);
	suite_add_tcase(s, tc);
	return s;
}

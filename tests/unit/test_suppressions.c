/* SPDX-License-Identifier: MIT */
/* Which findings a file of suppressions leaves out. */
#include "report/suppressions.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fake_document.h"
#include "suites.h"

/*
 * Of fake_document(): a race on the map server!sessions, of the tier overlap,
 * and a hot lock, "rwlock first used at queue_push (/src/queue.c:12) #2".
 */
enum { RACE, HOT };

static struct suppressions *all;

static void read_lines(const char *text)
{
	const char *why = NULL;

	suppressions_free(all);
	all = suppressions_new();
	ck_assert_msg(
		suppressions_parse(all, "file", text, strlen(text), &why) == 0,
		"%s: %s", text, why);
}

static const char *by(const char *text, int finding)
{
	read_lines(text);
	return suppressions_find(all, &fake_document()->findings[finding]);
}

#define SUPPRESSES(text, finding) ck_assert_ptr_nonnull(by(text, finding))
#define LEAVES(text, finding)	  ck_assert_ptr_null(by(text, finding))

static void is_wrong(const char *text, const char *what)
{
	const char *why = NULL;

	suppressions_free(all);
	all = suppressions_new();
	ck_assert_int_eq(
		suppressions_parse(all, "file", text, strlen(text), &why),
		-EINVAL);
	ck_assert_msg(strstr(why, what) != NULL, "'%s' says '%s', not '%s'",
		      text, why, what);
}

START_TEST(line_is_named_with_its_reason)
{
	ck_assert_str_eq(
		by("# first\n\nperf-hot : lock=* reason=\"so be it\"\n", HOT),
		"file:3: so be it");
	ck_assert_str_eq(by("perf-hot : lock=*", HOT), "file:1");
	ck_assert_ptr_null(by("", HOT));
}
END_TEST

START_TEST(rules_are_globs_in_a_list)
{
	SUPPRESSES("perf-* : lock=*", HOT);
	SUPPRESSES("map-*, perf-hot : lock=*", HOT);
	SUPPRESSES("* : lock=*", HOT);
	LEAVES("perf : lock=*", HOT);
	LEAVES("dl-* : lock=*", HOT);
}
END_TEST

START_TEST(proof_is_reached_by_its_full_name_only)
{
	SUPPRESSES("map-race-overlap : map=*", RACE);
	LEAVES("map-race-* : map=*", RACE);
	LEAVES("* : map=*", RACE);
}
END_TEST

START_TEST(all_selectors_have_to_match)
{
	SUPPRESSES("map-race-overlap : map=server!* api=GLib*", RACE);
	LEAVES("map-race-overlap : map=server!* api=tsearch", RACE);
	SUPPRESSES("map-race-overlap : map=*sessions tier=overlap", RACE);
	LEAVES("map-race-overlap : tier=observed", RACE);
	SUPPRESSES("map-race-overlap : key=0123*", RACE);
	LEAVES("map-race-overlap : key=0124*", RACE);
}
END_TEST

START_TEST(lock_is_any_that_takes_part_and_no_map)
{
	SUPPRESSES("map-race-overlap : lock=server!table_lock", RACE);
	SUPPRESSES("map-race-overlap : lock=server!table_lock lock=*", RACE);
	LEAVES("map-race-overlap : lock=server!table_lock lock=other", RACE);
	LEAVES("map-race-overlap : lock=server!sessions", RACE);
	SUPPRESSES("perf-hot : lock=\"rwlock first used at queue_push*\"", HOT);
	LEAVES("perf-hot : map=*", HOT);
}
END_TEST

START_TEST(sides_are_two_different_ones)
{
	const struct shown_side *sides = fake_document()->findings[RACE].sides;
	const char *wrote = sides[0].stack.frames[0].function;
	const char *read = sides[1].stack.frames[0].function;
	char line[300];

	snprintf(line, sizeof(line),
		 "map-race-overlap : side=\"frame:%s\" other=\"frame:%s\"",
		 wrote, read);
	SUPPRESSES(line, RACE);
	snprintf(line, sizeof(line),
		 "map-race-overlap : side=\"frame:%s\" other=\"frame:%s\"",
		 read, wrote);
	SUPPRESSES(line, RACE);
	snprintf(line, sizeof(line),
		 "map-race-overlap : side=\"frame:%s\" other=\"frame:%s\"",
		 read, read);
	LEAVES(line, RACE);
	snprintf(line, sizeof(line),
		 "map-race-overlap : side=\"frame:%s;frame:%s\"", wrote, read);
	LEAVES(line, RACE);
	SUPPRESSES("map-race-overlap : side=frame:* other=*", RACE);
	/* There is one side only. */
	LEAVES("perf-hot : side=* other=*", HOT);
}
END_TEST

START_TEST(exception_holds_for_the_lines_below_it)
{
	LEAVES("!perf-hot\n* : lock=*\n", HOT);
	LEAVES("!perf-*\n* : lock=*\n", HOT);
	SUPPRESSES("* : lock=*\n!perf-hot\n", HOT);
	LEAVES("!map-race-*\nmap-race-overlap : map=*\n", RACE);
}
END_TEST

START_TEST(line_is_over_after_its_day)
{
	const struct shown_finding *f = &fake_document()->findings[HOT];

	read_lines("perf-hot : lock=* until=2026-02-28\n");
	suppressions_set_day(all, 20260228);
	ck_assert_ptr_nonnull(suppressions_find(all, f));
	suppressions_set_day(all, 20260301);
	ck_assert_ptr_null(suppressions_find(all, f));
}
END_TEST

START_TEST(lines_that_do_nothing_are_told)
{
	size_t at = 0;

	read_lines("perf-hot : lock=*\n"
		   "dl-self : lock=*\n"
		   "!dl-self\n"
		   "perf-hot : lock=* until=2020-01-01\n");
	suppressions_set_day(all, 20260228);
	suppressions_find(all, &fake_document()->findings[HOT]);
	ck_assert_str_eq(suppressions_remark(all, &at),
			 "file:2: the suppression matches nothing");
	ck_assert_str_eq(suppressions_remark(all, &at),
			 "file:4: the suppression is over (until=)");
	ck_assert_ptr_null(suppressions_remark(all, &at));
}
END_TEST

START_TEST(mistake_in_a_line_is_told_with_its_number)
{
	is_wrong("\nperf-hot lock=*", "line 2: a ':'");
	is_wrong("perf-hot :", "line 1: a selector is missing");
	is_wrong(" : lock=*", "a rule is missing");
	is_wrong("Perf : lock=*", "no name of a rule");
	is_wrong("perf-hot : locks=*", "no such selector");
	is_wrong("perf-hot : lock", "NAME=GLOB");
	is_wrong("perf-hot : lock=", "value is missing");
	is_wrong("perf-hot : lock=\"a", "quote");
	is_wrong("perf-hot : lock=* until=tomorrow", "YYYY-MM-DD");
	is_wrong("perf-hot : lock=* until=2026-13-01", "YYYY-MM-DD");
	is_wrong("perf-hot : side=main", "frame:GLOB");
	is_wrong("perf-hot : side=frame:a;b", "frame:GLOB");
	is_wrong("!perf-hot : lock=*", "only rules");
	is_wrong("!", "a rule is missing");
}
END_TEST

static void tidy(void)
{
	suppressions_free(all);
	all = NULL;
}

Suite *suite_suppressions(void)
{
	Suite *s = suite_create("suppressions");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, NULL, tidy);
	tcase_add_test(tc, line_is_named_with_its_reason);
	tcase_add_test(tc, rules_are_globs_in_a_list);
	tcase_add_test(tc, proof_is_reached_by_its_full_name_only);
	tcase_add_test(tc, all_selectors_have_to_match);
	tcase_add_test(tc, lock_is_any_that_takes_part_and_no_map);
	tcase_add_test(tc, sides_are_two_different_ones);
	tcase_add_test(tc, exception_holds_for_the_lines_below_it);
	tcase_add_test(tc, line_is_over_after_its_day);
	tcase_add_test(tc, lines_that_do_nothing_are_told);
	tcase_add_test(tc, mistake_in_a_line_is_told_with_its_number);
	suite_add_tcase(s, tc);
	return s;
}

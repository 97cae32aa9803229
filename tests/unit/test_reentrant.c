/* SPDX-License-Identifier: MIT */
/* Calls on a map inside calls on it: ANALYSIS 6, 3. */
#include <string.h>

#include "script.h"
#include "suites.h"

#define RUN_IT(story) RUN(&analysis_reentrant, story)
#define INNER(ev)     FLAGGED(CMSHIM_INNER, ev)

static const struct finding *one(const struct report *r, enum level level)
{
	const struct finding *f = only_finding(r);

	ck_assert_str_eq(f->rule->id, "map-reentrant");
	ck_assert_int_eq(f->level, level);
	ck_assert_uint_eq(f->object, M);
	ck_assert_uint_eq(f->n_sides, 2);
	return f;
}

START_TEST(handler_that_reads_inside_a_write_is_an_error)
{
	struct event story[] = {
		AT(7, ENTER_WRITE(1, M, 1)),
		HANDLER_ENTER(1),
		AT(8, INNER(READ(1, M, 1, 1))),
		HANDLER_EXIT(1),
		LEAVE(1, M, 1),
	};
	const struct finding *f = one(RUN_IT(story), LEVEL_ERROR);

	ck_assert_uint_eq(f->sides[0].stack, 7);
	ck_assert_uint_eq(f->sides[1].stack, 8);
	ck_assert_ptr_nonnull(strstr(f->message, "signal handler"));
}
END_TEST

START_TEST(handler_that_writes_inside_a_read_is_an_error)
{
	struct event story[] = {
		ENTER_READ(1, M, 0), HANDLER_ENTER(1), INNER(WRITE(1, M, 1, 1)),
		HANDLER_EXIT(1),     LEAVE(1, M, 1),
	};

	one(RUN_IT(story), LEVEL_ERROR);
}
END_TEST

START_TEST(handler_that_reads_inside_a_read_is_right)
{
	struct event story[] = {
		ENTER_READ(1, M, 0), HANDLER_ENTER(1), INNER(READ(1, M, 0, 0)),
		HANDLER_EXIT(1),     LEAVE(1, M, 0),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(handler_after_the_call_is_right)
{
	struct event story[] = {
		ENTER_WRITE(1, M, 1), LEAVE(1, M, 1),  HANDLER_ENTER(1),
		WRITE(1, M, 2, 2),    HANDLER_EXIT(1),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(callback_that_changes_what_is_gone_through_is_an_error)
{
	struct event story[] = {
		ENTER_READ(1, M, 0),
		INNER(MISS(KEY(5, WRITE(1, M, 1, 1)))),
		LEAVE(1, M, 1),
	};
	const struct finding *f = one(RUN_IT(story), LEVEL_ERROR);

	ck_assert_ptr_nonnull(strstr(f->message, "callback"));
}
END_TEST

START_TEST(call_that_has_two_records_counts_at_its_end)
{
	struct event story[] = {
		ENTER_READ(1, M, 0),
		FLAGGED(CMSHIM_REMOVES, INNER(ENTER_WRITE(1, M, 1))),
		FLAGGED(CMSHIM_REMOVES | CMSHIM_WRITE, HIT(LEAVE(1, M, 1))),
		LEAVE(1, M, 1),
	};

	one(RUN_IT(story), LEVEL_ERROR);
}
END_TEST

START_TEST(put_that_does_not_tell_is_a_warning)
{
	struct event story[] = {
		ENTER_READ(1, M, 0),
		INNER(WRITE(1, M, 1, 1)),
		LEAVE(1, M, 1),
	};

	one(RUN_IT(story), LEVEL_WARNING);
}
END_TEST

START_TEST(callback_that_changes_no_key_is_right)
{
	struct event story[] = {
		ENTER_READ(1, M, 0),
		INNER(HIT(KEY(5, WRITE(1, M, 1, 1)))),
		INNER(MISS(KEY(6, REMOVE(1, M, 2)))),
		INNER(HIT(KEY(5, READ(1, M, 2, 2)))),
		LEAVE(1, M, 2),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

/* GLib says that it may be done: an element's free function, say. */
START_TEST(callback_of_a_write_may_write)
{
	struct event story[] = {
		ENTER_WRITE(1, M, 1),
		INNER(MISS(KEY(5, WRITE(1, M, 2, 2)))),
		LEAVE(1, M, 2),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(other_maps_and_threads_are_not_inside)
{
	struct event story[] = {
		ENTER_READ(1, M, 0),
		MISS(WRITE(1, N, 1, 1)),
		MISS(WRITE(2, M, 1, 1)),
		LEAVE(1, M, 1),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

Suite *suite_reentrant(void)
{
	Suite *s = suite_create("reentrant");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, handler_that_reads_inside_a_write_is_an_error);
	tcase_add_test(tc, handler_that_writes_inside_a_read_is_an_error);
	tcase_add_test(tc, handler_that_reads_inside_a_read_is_right);
	tcase_add_test(tc, handler_after_the_call_is_right);
	tcase_add_test(tc,
		       callback_that_changes_what_is_gone_through_is_an_error);
	tcase_add_test(tc, call_that_has_two_records_counts_at_its_end);
	tcase_add_test(tc, put_that_does_not_tell_is_a_warning);
	tcase_add_test(tc, callback_that_changes_no_key_is_right);
	tcase_add_test(tc, callback_of_a_write_may_write);
	tcase_add_test(tc, other_maps_and_threads_are_not_inside);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/* Readers that take the same lock again. */
#include <errno.h>

#include "script.h"
#include "suites.h"

#define ASSERT_NOTHING(story) \
	ck_assert_uint_eq(report_n_added(RUN(&analysis_rwlock, story)), 0)

#define ONLY(story) only_finding(RUN(&analysis_rwlock, story))

START_TEST(reader_that_waits_to_write_waits_for_itself)
{
	struct event story[] = {
		AT(5, ACQUIRE_SHARED(1, RW)),
		ACQUIRE_SHARED(2, RW),
		AT(6, REQUEST(1, RW)),
		RELEASE_SHARED(2, RW),
	};
	const struct finding *f = ONLY(story);

	ck_assert_str_eq(f->rule->id, "lock-upgrade");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->object, RW);
	ck_assert_uint_eq(f->n_sides, 2);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_uint_eq(f->sides[0].waits_for, RW);
	ck_assert_uint_eq(f->sides[0].n_held, 1);
	ck_assert_uint_eq(f->sides[1].stack, 5);
}
END_TEST

START_TEST(writer_after_reading_is_none)
{
	struct event released[] = {
		ACQUIRE_SHARED(1, RW),
		RELEASE_SHARED(1, RW),
		REQUEST(1, RW),
	};
	struct event other_lock[] = { ACQUIRE_SHARED(1, RW), REQUEST(1, RW2) };
	struct event other_reader[] = { ACQUIRE_SHARED(1, RW), REQUEST(2, RW) };
	/* Its hold must have been released in its place. */
	struct event granted[] = {
		ACQUIRE_SHARED(1, RW),
		REQUEST(1, RW),
		WAITED(1, RW, 5),
	};
	/* The try is judged by itself. */
	struct event granted_and_tried[] = {
		ACQUIRE_SHARED(1, RW), REQUEST(1, RW),
		WAITED(1, RW, 5),      RELEASE(1, RW),
		ACQUIRE_SHARED(1, RW), TRIED(REQUEST_FAILED(1, RW, EBUSY)),
	};
	struct event own[] = { ACQUIRE(1, RW), REQUEST(1, RW) };

	ASSERT_NOTHING(released);
	ASSERT_NOTHING(other_lock);
	ASSERT_NOTHING(other_reader);
	ASSERT_NOTHING(granted);
	ck_assert_int_eq(ONLY(granted_and_tried)->level, LEVEL_NOTE);
	ASSERT_NOTHING(own);
}
END_TEST

START_TEST(upgrade_that_ends_by_itself_is_less)
{
	struct event timed[] = {
		ACQUIRE_SHARED(1, RW),
		AT(6, TIMED(REQUEST(1, RW))),
		TIMED(REQUEST_FAILED(1, RW, ETIMEDOUT)),
	};
	struct event still_timed[] = {
		ACQUIRE_SHARED(1, RW),
		TIMED(REQUEST(1, RW)),
	};
	struct event tried[] = {
		ACQUIRE_SHARED(1, RW),
		AT(6, TRIED(REQUEST_FAILED(1, RW, EBUSY))),
		AT(6, TRIED(REQUEST_FAILED(1, RW, EBUSY))),
	};
	struct event tried_by_another[] = {
		ACQUIRE_SHARED(1, RW),
		TRIED(REQUEST_FAILED(2, RW, EBUSY)),
	};
	const struct finding *f = ONLY(timed);

	ck_assert_int_eq(f->level, LEVEL_WARNING);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ASSERT_NOTHING(still_timed);
	f = ONLY(tried);
	ck_assert_int_eq(f->level, LEVEL_NOTE);
	ck_assert_uint_eq(f->count, 2);
	ASSERT_NOTHING(tried_by_another);
}
END_TEST

START_TEST(what_a_torn_thread_holds_is_not_known)
{
	struct event torn[] = {
		ACQUIRE_SHARED(1, RW),
		DROP(1),
		REQUEST(1, RW),
	};
	struct event gap[] = { ACQUIRE_SHARED(1, RW), GAP(RW), REQUEST(1, RW) };
	struct event whole[] = { ACQUIRE_SHARED(1, RW), REQUEST(1, RW) };
	const struct setting stopped = { .state = CMSHIM_STOPPED };

	ASSERT_NOTHING(torn);
	ASSERT_NOTHING(gap);
	ck_assert_uint_eq(
		report_n_added(RUN_IN(&analysis_rwlock, whole, &stopped)), 0);
}
END_TEST

START_TEST(second_read_under_a_lock_that_prefers_writers_is_an_error)
{
	struct event story[] = {
		AT(5, ACQUIRE_SHARED(1, RW_WRITERS)),
		AT(6, ACQUIRE_SHARED(1, RW_WRITERS)),
	};
	struct event waited[] = {
		ACQUIRE_SHARED(1, RW_WRITERS),
		REQUEST(2, RW_WRITERS),
		AT(6, REQUEST_SHARED(1, RW_WRITERS)),
		WAITED_SHARED(1, RW_WRITERS, 5),
	};
	struct event tried[] = {
		ACQUIRE_SHARED(1, RW_WRITERS),
		TRIED(ACQUIRE_SHARED(1, RW_WRITERS)),
	};
	struct event others[] = {
		ACQUIRE_SHARED(1, RW_WRITERS),
		ACQUIRE_SHARED(2, RW_WRITERS),
		RELEASE_SHARED(1, RW_WRITERS),
		ACQUIRE_SHARED(1, RW_WRITERS),
	};
	const struct finding *f = ONLY(story);

	ck_assert_str_eq(f->rule->id, "rw-recursive-read");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_uint_eq(f->sides[1].stack, 5);
	f = ONLY(waited);
	ck_assert_uint_eq(f->count, 1);
	ck_assert_uint_eq(f->n_sides, 3);
	ck_assert_uint_eq(f->sides[2].thread, 2);
	ASSERT_NOTHING(tried);
	ASSERT_NOTHING(others);
}
END_TEST

START_TEST(second_read_of_the_default_kind_is_a_note_if_a_writer_waited)
{
	struct event writer[] = {
		ACQUIRE_SHARED(1, RW),
		REQUEST(2, RW),
		ACQUIRE_SHARED(1, RW),
	};
	struct event reader[] = {
		ACQUIRE_SHARED(1, RW),
		REQUEST_SHARED(2, RW),
		ACQUIRE_SHARED(1, RW),
	};
	struct event nobody[] = {
		ACQUIRE_SHARED(1, RW),
		ACQUIRE_SHARED(1, RW),
	};
	/* It began to wait at the lock's number 7, and this is number 3. */
	struct event later[] = {
		ACQUIRE_SHARED(1, RW),
		told_arg(7, REQUEST(2, RW)),
		ACQUIRE_SHARED(1, RW),
	};

	ck_assert_int_eq(ONLY(writer)->level, LEVEL_NOTE);
	ASSERT_NOTHING(reader);
	ASSERT_NOTHING(nobody);
	ASSERT_NOTHING(later);
}
END_TEST

Suite *suite_rwlock(void)
{
	Suite *s = suite_create("rwlock");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, reader_that_waits_to_write_waits_for_itself);
	tcase_add_test(tc, writer_after_reading_is_none);
	tcase_add_test(tc, upgrade_that_ends_by_itself_is_less);
	tcase_add_test(tc, what_a_torn_thread_holds_is_not_known);
	tcase_add_test(
		tc, second_read_under_a_lock_that_prefers_writers_is_an_error);
	tcase_add_test(
		tc,
		second_read_of_the_default_kind_is_a_note_if_a_writer_waited);
	suite_add_tcase(s, tc);
	return s;
}

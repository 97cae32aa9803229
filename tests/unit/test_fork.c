/* SPDX-License-Identifier: MIT */
/* Locks that a forked child finds taken. */
#include <errno.h>

#include "script.h"
#include "suites.h"

#define ASSERT_NOTHING(story) \
	ck_assert_uint_eq(report_n_added(RUN(&analysis_fork, story)), 0)

#define ONLY(story) only_finding(RUN(&analysis_fork, story))

static const struct setting child = { .flags = CMSHIM_FORKED };
static const struct setting stopped = { .flags = CMSHIM_FORKED,
					.state = CMSHIM_STOPPED };

#define IN_CHILD(story) RUN_IN(&analysis_fork, story, &child)

START_TEST(child_that_waits_for_a_lock_nobody_has_is_reported)
{
	struct event story[] = { ACQUIRE(1, B), AT(5, REQUEST(1, A)) };
	const struct finding *f = only_finding(IN_CHILD(story));

	ck_assert_str_eq(f->rule->id, "fork-lock-held");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->object, A);
	ck_assert_uint_eq(f->sides[0].stack, 5);
	ck_assert_uint_eq(f->sides[0].waits_for, A);
	/* In a process that was not forked somebody else's call is missing. */
	ASSERT_NOTHING(story);
	ck_assert_uint_eq(
		report_n_added(RUN_IN(&analysis_fork, story, &stopped)), 0);
}
END_TEST

START_TEST(lock_that_somebody_in_the_child_may_release_is_not)
{
	struct event taken_here[] = {
		ACQUIRE(2, A),
		REQUEST(1, A),
	};
	struct event was_taken_here[] = {
		ACQUIRE(2, A),
		RELEASE(2, A),
		REQUEST(1, A),
	};
	/* The first thread may have held it when it forked. */
	struct event second_thread[] = { REQUEST(2, A) };
	struct event shared[] = { REQUEST(1, PROCESS_SHARED) };
	struct event gap[] = { GAP(A), REQUEST(1, A) };
	struct event granted[] = { REQUEST(1, A), WAITED(1, A, 5) };
	struct event torn[] = { REQUEST(1, A), DROP(1) };
	struct event semaphore[] = { REQUEST(1, SEM) };

	ck_assert_uint_eq(report_n_added(IN_CHILD(taken_here)), 0);
	ck_assert_uint_eq(report_n_added(IN_CHILD(was_taken_here)), 0);
	ck_assert_uint_eq(report_n_added(IN_CHILD(second_thread)), 0);
	ck_assert_uint_eq(report_n_added(IN_CHILD(shared)), 0);
	ck_assert_uint_eq(report_n_added(IN_CHILD(gap)), 0);
	ck_assert_uint_eq(report_n_added(IN_CHILD(granted)), 0);
	ck_assert_uint_eq(report_n_added(IN_CHILD(torn)), 0);
	ck_assert_uint_eq(report_n_added(IN_CHILD(semaphore)), 0);
}
END_TEST

START_TEST(wait_with_a_time_limit_is_a_warning_when_it_was_in_vain)
{
	struct event over[] = {
		AT(5, TIMED(REQUEST(1, A))),
		TIMED(REQUEST_FAILED(1, A, ETIMEDOUT)),
	};
	struct event going_on[] = { TIMED(REQUEST(1, A)) };
	struct event busy[] = { TRIED(REQUEST_FAILED(1, A, EBUSY)) };
	const struct finding *f = only_finding(IN_CHILD(over));

	ck_assert_int_eq(f->level, LEVEL_WARNING);
	ck_assert_uint_eq(f->sides[0].stack, 5);
	ck_assert_uint_eq(report_n_added(IN_CHILD(going_on)), 0);
	/* Somebody here held it. */
	ASSERT_NOTHING(over);
	ck_assert_uint_eq(report_n_added(IN_CHILD(busy)), 0);
}
END_TEST

Suite *suite_fork(void)
{
	Suite *s = suite_create("fork");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, child_that_waits_for_a_lock_nobody_has_is_reported);
	tcase_add_test(tc, lock_that_somebody_in_the_child_may_release_is_not);
	tcase_add_test(tc,
		       wait_with_a_time_limit_is_a_warning_when_it_was_in_vain);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/* Signals that were lost, and waits that do not look again. */
#include <errno.h>

#include "script.h"
#include "suites.h"

#define ASSERT_NOTHING(story) \
	ck_assert_uint_eq(report_n_added(RUN(&analysis_wakeup, story)), 0)

#define ONLY(story) only_finding(RUN(&analysis_wakeup, story))

#define GO_TO_WAIT(who, cond, mutex) \
	ACQUIRE(who, mutex), RELEASE(who, mutex), WAIT_WITH(who, cond, mutex)

static const struct setting killed = { .state = CMSHIM_RECORDING };

START_TEST(signal_to_nobody_without_the_mutex_may_be_lost)
{
	struct event story[] = {
		AT(5, SIGNAL(2, CONDITION)),
		ACQUIRE(1, A),
		RELEASE(1, A),
		AT(6, WAIT_WITH(1, CONDITION, A)),
	};
	const struct finding *f =
		only_finding(RUN_IN(&analysis_wakeup, story, &killed));

	ck_assert_str_eq(f->rule->id, "cv-lost-wakeup");
	ck_assert_int_eq(f->level, LEVEL_WARNING);
	ck_assert_uint_eq(f->object, CONDITION);
	ck_assert_uint_eq(f->sides[0].thread, 1);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_uint_eq(f->sides[1].thread, 2);
	ck_assert_uint_eq(f->sides[1].stack, 5);
	/* Idle threads are there at many a regular end. */
	ck_assert_int_eq(ONLY(story)->level, LEVEL_NOTE);
}
END_TEST

START_TEST(signal_after_a_change_under_the_mutex_is_not_lost)
{
	struct event after[] = {
		ACQUIRE(2, A),
		RELEASE(2, A),
		SIGNAL(2, CONDITION),
		GO_TO_WAIT(1, CONDITION, A),
	};
	struct event inside[] = {
		ACQUIRE(2, A),
		SIGNAL(2, CONDITION),
		RELEASE(2, A),
		GO_TO_WAIT(1, CONDITION, A),
	};
	/* Two signals for one change. */
	struct event two[] = {
		ACQUIRE(2, A),
		RELEASE(2, A),
		SIGNAL(2, CONDITION2),
		SIGNAL(2, CONDITION),
		GO_TO_WAIT(1, CONDITION, A),
	};

	ASSERT_NOTHING(after);
	ASSERT_NOTHING(inside);
	ASSERT_NOTHING(two);
}
END_TEST

START_TEST(mutex_taken_for_the_signal_before_does_not_count)
{
	struct event story[] = {
		ACQUIRE(2, A),
		RELEASE(2, A),
		SIGNAL(2, CONDITION),
		ACQUIRE(2, B),
		RELEASE(2, B),
		SIGNAL(2, CONDITION),
		GO_TO_WAIT(1, CONDITION, A),
	};

	ONLY(story);
}
END_TEST

START_TEST(wake_up_is_not_lost_where_something_else_explains_it)
{
	struct event signalled_again[] = {
		SIGNAL(2, CONDITION),
		GO_TO_WAIT(1, CONDITION, A),
		SIGNAL(2, CONDITION),
	};
	struct event woken[] = {
		SIGNAL(2, CONDITION),
		GO_TO_WAIT(1, CONDITION, A),
		WAKE(1, CONDITION),
		ACQUIRE(1, A),
	};
	struct event timed[] = {
		SIGNAL(2, CONDITION),
		ACQUIRE(1, A),
		RELEASE(1, A),
		TIMED(WAIT_WITH(1, CONDITION, A)),
	};
	struct event met[] = {
		GO_TO_WAIT(3, CONDITION, A),
		SIGNAL(2, CONDITION),
		GO_TO_WAIT(1, CONDITION, A),
	};
	struct event before_it_lived[] = {
		SIGNAL(2, CONDITION),
		CREATE(2, 1),
		BEGIN(1, 2),
		GO_TO_WAIT(1, CONDITION, A),
	};
	struct event own[] = {
		SIGNAL(1, CONDITION),
		GO_TO_WAIT(1, CONDITION, A),
	};

	ASSERT_NOTHING(signalled_again);
	ASSERT_NOTHING(woken);
	ASSERT_NOTHING(timed);
	ASSERT_NOTHING(met);
	ASSERT_NOTHING(before_it_lived);
	ASSERT_NOTHING(own);
}
END_TEST

START_TEST(wait_that_ended_unasked_is_to_be_begun_again)
{
	struct event once[] = {
		ACQUIRE(1, A),
		RELEASE(1, A),
		AT(5, WAIT_WITH(1, CONDITION, A)),
		WAKE(1, CONDITION),
		ACQUIRE(1, A),
		RELEASE(1, A),
		ACQUIRE(1, B),
	};
	struct event loops[] = {
		GO_TO_WAIT(1, CONDITION, A),
		WAKE(1, CONDITION),
		GO_TO_WAIT(1, CONDITION, A),
		SIGNAL(2, CONDITION),
		WAKE(1, CONDITION),
		ACQUIRE(1, A),
		RELEASE(1, A),
		ACQUIRE(1, B),
	};
	const struct finding *f = ONLY(once);

	ck_assert_str_eq(f->rule->id, "cv-no-recheck");
	ck_assert_int_eq(f->level, LEVEL_NOTE);
	ck_assert_uint_eq(f->sides[0].stack, 5);
	ASSERT_NOTHING(loops);
}
END_TEST

START_TEST(wait_that_was_ended_need_not_be_begun_again)
{
	struct event signalled[] = {
		GO_TO_WAIT(1, CONDITION, A),
		SIGNAL(2, CONDITION),
		WAKE(1, CONDITION),
		ACQUIRE(1, A),
		RELEASE(1, A),
		ACQUIRE(1, B),
	};
	/* Begun before the wait, and went on into it. */
	struct event in_flight[] = {
		ACQUIRE(2, A),
		RELEASE(2, A),
		SIGNAL(2, CONDITION),
		GO_TO_WAIT(1, CONDITION, A),
		WAKE(1, CONDITION),
		ACQUIRE(1, A),
		RELEASE(1, A),
		ACQUIRE(1, B),
		SIGNALLED(2, CONDITION, 2),
	};
	struct event timed_out[] = {
		GO_TO_WAIT(1, CONDITION, A),
		told_code(WAKE(1, CONDITION), ETIMEDOUT),
		ACQUIRE(1, A),
		RELEASE(1, A),
		ACQUIRE(1, B),
	};
	struct event other_process[] = {
		GO_TO_WAIT(1, CONDITION, PROCESS_SHARED),
		WAKE(1, CONDITION),
		ACQUIRE(1, PROCESS_SHARED),
		RELEASE(1, PROCESS_SHARED),
		ACQUIRE(1, B),
	};

	ASSERT_NOTHING(signalled);
	ASSERT_NOTHING(in_flight);
	ASSERT_NOTHING(timed_out);
	ASSERT_NOTHING(other_process);
}
END_TEST

Suite *suite_wakeup(void)
{
	Suite *s = suite_create("wakeup");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, signal_to_nobody_without_the_mutex_may_be_lost);
	tcase_add_test(tc, signal_after_a_change_under_the_mutex_is_not_lost);
	tcase_add_test(tc, mutex_taken_for_the_signal_before_does_not_count);
	tcase_add_test(tc,
		       wake_up_is_not_lost_where_something_else_explains_it);
	tcase_add_test(tc, wait_that_ended_unasked_is_to_be_begun_again);
	tcase_add_test(tc, wait_that_was_ended_need_not_be_begun_again);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/* Deadlocks that happened. */
#include <errno.h>

#include "script.h"
#include "suites.h"

#define ASSERT_NOTHING(story) \
	ck_assert_uint_eq(report_n_added(RUN(&analysis_deadlock, story)), 0)

START_TEST(circle_of_two_is_reported_with_both_threads)
{
	struct event story[] = {
		AT(5, ACQUIRE(1, A)),
		AT(6, ACQUIRE(2, B)),
		AT(7, REQUEST(2, A)),
		AT(8, REQUEST(1, B)),
		ENDED(1),
		ENDED(2),
	};
	const struct finding *f = only_finding(RUN(&analysis_deadlock, story));

	ck_assert_str_eq(f->rule->id, "dl-actual");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->n_sides, 2);
	ck_assert_uint_eq(f->sides[0].thread, 1);
	ck_assert_uint_eq(f->sides[0].waits_for, B);
	ck_assert_uint_eq(f->sides[0].stack, 8);
	ck_assert_uint_eq(f->sides[0].n_held, 1);
	ck_assert_uint_eq(f->sides[0].held[0].object, A);
	ck_assert_uint_eq(f->sides[0].held[0].stack, 5);
	ck_assert_uint_eq(f->sides[1].thread, 2);
	ck_assert_uint_eq(f->sides[1].waits_for, A);
	ck_assert_uint_eq(f->sides[1].stack, 7);
	ck_assert_uint_eq(f->sides[1].held[0].stack, 6);
}
END_TEST

START_TEST(each_side_of_a_longer_circle_waits_for_the_next)
{
	struct event story[] = {
		ACQUIRE(3, A), ACQUIRE(1, B), ACQUIRE(2, C), REQUEST(3, B),
		REQUEST(1, C), REQUEST(2, A), REQUEST(4, A), REQUEST(5, B),
	};
	const struct finding *f = only_finding(RUN(&analysis_deadlock, story));

	ck_assert_uint_eq(f->n_sides, 3);
	ck_assert_uint_eq(f->sides[0].thread, 1);
	ck_assert_uint_eq(f->sides[1].thread, 2);
	ck_assert_uint_eq(f->sides[2].thread, 3);
	/* Threads 4 and 5 are stuck behind it. */
	ck_assert_uint_eq(f->weight, 5);
}
END_TEST

START_TEST(two_circles_are_two_findings)
{
	struct event story[] = {
		ACQUIRE(1, A),	REQUEST(1, B), ACQUIRE(2, B), REQUEST(2, A),
		ACQUIRE(3, RW), REQUEST(3, C), ACQUIRE(4, C), REQUEST(4, RW),
	};

	ck_assert_uint_eq(report_n_added(RUN(&analysis_deadlock, story)), 2);
}
END_TEST

START_TEST(waiting_for_a_busy_thread_is_no_deadlock)
{
	struct event story[] = {
		ACQUIRE(1, A),
		REQUEST(2, A),
		ACQUIRE(2, B),
		REQUEST(3, B),
	};

	ASSERT_NOTHING(story);
}
END_TEST

START_TEST(circle_that_dissolved_is_no_deadlock)
{
	struct event story[] = {
		ACQUIRE(1, A),
		ACQUIRE(2, B),
		REQUEST(1, B),
		REQUEST(2, A),
		REQUEST_FAILED(2, A, ETIMEDOUT),
	};

	ASSERT_NOTHING(story);
}
END_TEST

START_TEST(timed_request_ends_by_itself)
{
	struct event story[] = {
		ACQUIRE(1, A),
		ACQUIRE(2, B),
		REQUEST(1, B),
		FLAGGED(CMSHIM_TIMED, REQUEST(2, A)),
	};

	ASSERT_NOTHING(story);
}
END_TEST

START_TEST(condition_and_semaphore_waits_have_no_owner)
{
	struct event condition[] = {
		ACQUIRE(1, A), ACQUIRE(1, B),	   REQUEST(2, A),
		RELEASE(1, B), WAIT(1, CONDITION),
	};
	struct event semaphore[] = {
		ACQUIRE(1, A),
		TAKE(2, SEM),
		REQUEST(1, SEM),
		REQUEST(2, A),
	};

	ASSERT_NOTHING(condition);
	ASSERT_NOTHING(semaphore);
}
END_TEST

/* The mutex of a condition is free during the wait and held after it. */
START_TEST(wake_up_may_complete_a_circle)
{
	struct event story[] = {
		ACQUIRE(1, A),	    ACQUIRE(1, B), RELEASE(1, B),
		WAIT(1, CONDITION), ACQUIRE(2, B), REQUEST(2, A),
		WAKE(1, CONDITION), REQUEST(1, B),
	};

	only_finding(RUN(&analysis_deadlock, story));
}
END_TEST

START_TEST(reader_can_be_part_of_a_circle)
{
	struct event writer_waits[] = {
		ACQUIRE_SHARED(1, RW), ACQUIRE_SHARED(3, RW), ACQUIRE(2, A),
		REQUEST(2, RW),	       REQUEST(1, A),
	};
	struct event reader_waits[] = {
		ACQUIRE(1, RW),
		ACQUIRE(2, A),
		REQUEST_SHARED(2, RW),
		REQUEST(1, A),
	};

	ck_assert_uint_eq(
		only_finding(RUN(&analysis_deadlock, writer_waits))->n_sides,
		2);
	only_finding(RUN(&analysis_deadlock, reader_waits));
}
END_TEST

START_TEST(readers_do_not_wait_for_readers)
{
	struct event story[] = {
		ACQUIRE_SHARED(1, RW),
		ACQUIRE_SHARED(2, RW2),
		REQUEST_SHARED(1, RW2),
		REQUEST_SHARED(2, RW),
	};

	ASSERT_NOTHING(story);
}
END_TEST

START_TEST(what_is_not_known_for_sure_is_no_circle)
{
	struct event gap[] = {
		ACQUIRE(1, A), ACQUIRE(2, B), GAP(A),
		ACQUIRE(1, A), REQUEST(1, B), REQUEST(2, A),
	};
	struct event torn[] = {
		ACQUIRE(1, A), ACQUIRE(2, B), REQUEST(1, B),
		REQUEST(2, A), DROP(1),
	};
	struct event whole[] = {
		ACQUIRE(1, A),
		ACQUIRE(2, B),
		REQUEST(1, B),
		REQUEST(2, A),
	};
	const struct setting stopped = { .state = CMSHIM_STOPPED };

	ASSERT_NOTHING(gap);
	ASSERT_NOTHING(torn);
	ck_assert_uint_eq(
		report_n_added(RUN_IN(&analysis_deadlock, whole, &stopped)), 0);
}
END_TEST

START_TEST(own_lock_asked_for_again_is_reported)
{
	struct event story[] = {
		AT(5, ACQUIRE(1, A)),
		AT(6, REQUEST(1, A)),
		REQUEST(2, A),
	};
	const struct finding *f = only_finding(RUN(&analysis_deadlock, story));

	ck_assert_str_eq(f->rule->id, "dl-self");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->object, A);
	ck_assert_uint_eq(f->n_sides, 2);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_uint_eq(f->sides[0].waits_for, A);
	ck_assert_uint_eq(f->sides[0].held[0].object, A);
	ck_assert_uint_eq(f->sides[1].stack, 5);
}
END_TEST

START_TEST(recursive_lock_may_be_asked_for_again)
{
	struct event story[] = { ACQUIRE(1, RECURSIVE), ACQUIRE(1, RECURSIVE) };
	struct event pending[] = { ACQUIRE(1, RECURSIVE),
				   REQUEST(1, RECURSIVE) };

	ASSERT_NOTHING(story);
	ASSERT_NOTHING(pending);
}
END_TEST

/* It is reported as lock-upgrade, and is in no circle. */
START_TEST(reader_that_wants_to_write_is_in_its_own_way)
{
	struct event upgrade[] = { ACQUIRE_SHARED(1, RW), REQUEST(1, RW) };
	struct event both[] = {
		ACQUIRE_SHARED(1, RW),
		ACQUIRE_SHARED(2, RW),
		REQUEST(1, RW),
		REQUEST(2, RW),
	};
	struct event again[] = { ACQUIRE_SHARED(1, RW), REQUEST_SHARED(1, RW) };

	ASSERT_NOTHING(upgrade);
	ASSERT_NOTHING(both);
	ASSERT_NOTHING(again);
}
END_TEST

START_TEST(readers_wait_behind_a_writer_that_is_preferred)
{
	struct event preferred[] = {
		ACQUIRE_SHARED(1, RW_WRITERS),
		ACQUIRE(3, A),
		AT(5, REQUEST(2, RW_WRITERS)),
		REQUEST_SHARED(3, RW_WRITERS),
		REQUEST(1, A),
	};
	struct event passed[] = {
		ACQUIRE_SHARED(1, RW), ACQUIRE(3, A), REQUEST(2, RW),
		REQUEST_SHARED(3, RW), REQUEST(1, A),
	};
	struct event no_writer[] = {
		ACQUIRE_SHARED(1, RW_WRITERS),
		ACQUIRE(3, A),
		REQUEST_SHARED(3, RW_WRITERS),
		REQUEST(1, A),
	};
	struct event itself[] = {
		ACQUIRE_SHARED(1, RW_WRITERS),
		REQUEST(2, RW_WRITERS),
		REQUEST_SHARED(1, RW_WRITERS),
	};
	const struct finding *f =
		only_finding(RUN(&analysis_deadlock, preferred));

	ck_assert_str_eq(f->rule->id, "dl-actual");
	ck_assert_uint_eq(f->n_sides, 3);
	ck_assert_uint_eq(f->sides[0].thread, 1);
	ck_assert_uint_eq(f->sides[1].thread, 3);
	ck_assert_uint_eq(f->sides[2].thread, 2);
	ck_assert_uint_eq(f->sides[2].stack, 5);
	ASSERT_NOTHING(passed);
	ASSERT_NOTHING(no_writer);
	ck_assert_uint_eq(
		only_finding(RUN(&analysis_deadlock, itself))->n_sides, 2);
}
END_TEST

START_TEST(refused_request_is_reported_though_it_did_not_hang)
{
	struct event story[] = {
		AT(5, ACQUIRE(1, CHECKED)),
		AT(6, REQUEST_FAILED(1, CHECKED, EDEADLK)),
		RELEASE(1, CHECKED),
		AT(5, ACQUIRE(1, CHECKED)),
		AT(6, REQUEST_FAILED(1, CHECKED, EDEADLK)),
	};
	struct event busy[] = {
		ACQUIRE(1, CHECKED),
		REQUEST_FAILED(1, CHECKED, EBUSY),
	};
	const struct finding *f = only_finding(RUN(&analysis_deadlock, story));

	ck_assert_str_eq(f->rule->id, "dl-self");
	ck_assert_uint_eq(f->count, 2);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_uint_eq(f->sides[1].stack, 5);
	ASSERT_NOTHING(busy);
}
END_TEST

Suite *suite_deadlock(void)
{
	Suite *s = suite_create("deadlock");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, circle_of_two_is_reported_with_both_threads);
	tcase_add_test(tc, each_side_of_a_longer_circle_waits_for_the_next);
	tcase_add_test(tc, two_circles_are_two_findings);
	tcase_add_test(tc, waiting_for_a_busy_thread_is_no_deadlock);
	tcase_add_test(tc, circle_that_dissolved_is_no_deadlock);
	tcase_add_test(tc, timed_request_ends_by_itself);
	tcase_add_test(tc, condition_and_semaphore_waits_have_no_owner);
	tcase_add_test(tc, wake_up_may_complete_a_circle);
	tcase_add_test(tc, reader_can_be_part_of_a_circle);
	tcase_add_test(tc, readers_do_not_wait_for_readers);
	tcase_add_test(tc, what_is_not_known_for_sure_is_no_circle);
	tcase_add_test(tc, own_lock_asked_for_again_is_reported);
	tcase_add_test(tc, recursive_lock_may_be_asked_for_again);
	tcase_add_test(tc, reader_that_wants_to_write_is_in_its_own_way);
	tcase_add_test(tc, readers_wait_behind_a_writer_that_is_preferred);
	tcase_add_test(tc, refused_request_is_reported_though_it_did_not_hang);
	suite_add_tcase(s, tc);
	return s;
}

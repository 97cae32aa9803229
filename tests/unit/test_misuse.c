/* SPDX-License-Identifier: MIT */
/* Locks released wrongly or never. */
#include "script.h"
#include "suites.h"

#define ASSERT_NOTHING(story) \
	ck_assert_uint_eq(report_n_added(RUN(&analysis_misuse, story)), 0)

START_TEST(release_by_another_thread_is_reported)
{
	struct event story[] = {
		AT(5, ACQUIRE(2, A)),
		ACQUIRE(1, B),
		AT(6, FOREIGN(1, A)),
		RELEASE(1, B),
	};
	const struct finding *f = only_finding(RUN(&analysis_misuse, story));

	ck_assert_str_eq(f->rule->id, "lock-unlock-not-owner");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->object, A);
	ck_assert_uint_eq(f->n_sides, 2);
	ck_assert_uint_eq(f->sides[0].thread, 1);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_uint_eq(f->sides[0].n_held, 1);
	ck_assert_uint_eq(f->sides[0].held[0].object, B);
	ck_assert_uint_eq(f->sides[1].thread, 2);
	ck_assert_uint_eq(f->sides[1].stack, 5);
	ck_assert_uint_eq(f->sides[1].n_held, 1);
	ck_assert_uint_eq(f->sides[1].held[0].object, A);
}
END_TEST

START_TEST(release_by_the_owner_is_not)
{
	struct event story[] = {
		ACQUIRE(2, A),
		RELEASE(2, A),
		ACQUIRE(1, A),
		RELEASE(1, A),
	};

	ASSERT_NOTHING(story);
}
END_TEST

START_TEST(release_of_a_read_lock_of_others_is_reported)
{
	struct event story[] = {
		AT(5, ACQUIRE_SHARED(2, RW)),
		AT(6, FOREIGN(1, RW)),
		EXIT(1),
	};
	const struct finding *f = only_finding(RUN(&analysis_misuse, story));

	ck_assert_str_eq(f->rule->id, "lock-unlock-not-owner");
	ck_assert_uint_eq(f->sides[1].thread, 2);
	ck_assert_uint_eq(f->sides[1].stack, 5);
}
END_TEST

START_TEST(release_that_failed_was_none)
{
	struct event plain[] = {
		ACQUIRE(2, A),
		FOREIGN(1, A),
		RELEASE_FAILED(1, A),
	};
	struct event checked[] = {
		ACQUIRE(2, CHECKED),
		FOREIGN(1, CHECKED),
		ACQUIRE(3, B),
		RELEASE_FAILED(1, CHECKED),
		RELEASE(2, CHECKED),
		FOREIGN(2, CHECKED),
		RELEASE_FAILED(2, CHECKED),
	};

	ASSERT_NOTHING(plain);
	ASSERT_NOTHING(checked);
}
END_TEST

START_TEST(failure_of_another_release_excuses_nothing)
{
	struct event story[] = {
		ACQUIRE(2, A),
		FOREIGN(1, A),
		RELEASE_FAILED(1, B),
	};

	only_finding(RUN(&analysis_misuse, story));
}
END_TEST

/* Killed before it could be recorded that the release failed. */
START_TEST(last_event_of_a_thread_counts_unless_it_must_fail)
{
	struct event plain[] = { ACQUIRE(2, A), FOREIGN(1, A), ENDED(1) };
	struct event open[] = { ACQUIRE(2, A), FOREIGN(1, A) };
	struct event checked[] = {
		ACQUIRE(2, CHECKED),
		FOREIGN(1, CHECKED),
		ENDED(1),
	};

	only_finding(RUN(&analysis_misuse, plain));
	only_finding(RUN(&analysis_misuse, open));
	ASSERT_NOTHING(checked);
}
END_TEST

START_TEST(second_release_is_reported_with_the_last_holder)
{
	struct event story[] = {
		AT(5, ACQUIRE(2, A)),
		RELEASE(2, A),
		AT(6, FOREIGN(1, A)),
		EXIT(1),
	};
	const struct finding *f = only_finding(RUN(&analysis_misuse, story));

	ck_assert_str_eq(f->rule->id, "lock-double-unlock");
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_uint_eq(f->sides[1].thread, 2);
	ck_assert_uint_eq(f->sides[1].stack, 5);
}
END_TEST

START_TEST(recursive_lock_may_be_released_as_often_as_taken)
{
	struct event story[] = {
		ACQUIRE(1, RECURSIVE),
		ACQUIRE(1, RECURSIVE),
		RELEASE(1, RECURSIVE),
		RELEASE(1, RECURSIVE),
	};

	ASSERT_NOTHING(story);
}
END_TEST

START_TEST(same_mistake_is_one_finding)
{
	struct event story[] = {
		AT(5, ACQUIRE(1, A)), RELEASE(1, A), AT(6, FOREIGN(1, A)),
		AT(5, ACQUIRE(1, A)), RELEASE(1, A), AT(6, FOREIGN(1, A)),
		ACQUIRE(1, B),
	};

	ck_assert_uint_eq(only_finding(RUN(&analysis_misuse, story))->count, 2);
}
END_TEST

START_TEST(lock_from_before_the_trace_may_be_released)
{
	struct event unknown[] = { FOREIGN(1, A), EXIT(1) };
	struct event restated[] = { HELD(1, A), RELEASE(1, A), EXIT(1) };

	ASSERT_NOTHING(unknown);
	ASSERT_NOTHING(restated);
}
END_TEST

START_TEST(child_may_release_what_its_parent_took)
{
	struct event story[] = {
		ACQUIRE(1, RECURSIVE),
		RELEASE(1, RECURSIVE),
		FOREIGN(1, RECURSIVE),
		ACQUIRE(1, B),
	};
	const struct setting forked = { .flags = CMSHIM_FORKED };

	only_finding(RUN(&analysis_misuse, story));
	ck_assert_uint_eq(
		report_n_added(RUN_IN(&analysis_misuse, story, &forked)), 0);
}
END_TEST

START_TEST(other_processes_may_hold_what_they_share)
{
	struct event story[] = {
		ACQUIRE(1, PROCESS_SHARED),
		RELEASE(1, PROCESS_SHARED),
		FOREIGN(1, PROCESS_SHARED),
		ACQUIRE(1, B),
	};

	ASSERT_NOTHING(story);
}
END_TEST

START_TEST(semaphores_have_no_owner)
{
	struct event story[] = {
		TAKE(1, SEM), POST(2, SEM), TAKE(1, SEM), EXIT(1), ENDED(1),
	};

	ASSERT_NOTHING(story);
}
END_TEST

START_TEST(gap_leaves_the_holder_unknown)
{
	struct event story[] = {
		ACQUIRE(2, A), GAP(A),	      FOREIGN(1, A), ACQUIRE(1, A),
		RELEASE(1, A), FOREIGN(1, A), ACQUIRE(1, B),
	};

	/* The first is forgiven; then the lock is known again. */
	ck_assert_uint_eq(only_finding(RUN(&analysis_misuse, story))->count, 1);
}
END_TEST

START_TEST(thread_that_ends_with_a_lock_is_reported)
{
	struct event story[] = {
		AT(5, ACQUIRE(1, A)),
		EXIT(1),
		ENDED(1),
		AT(6, REQUEST(2, A)),
	};
	const struct finding *f = only_finding(RUN(&analysis_misuse, story));

	ck_assert_str_eq(f->rule->id, "lock-exit-held");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->object, A);
	ck_assert_uint_eq(f->n_sides, 2);
	ck_assert_uint_eq(f->sides[0].thread, 1);
	ck_assert_uint_eq(f->sides[0].stack, 5);
	ck_assert_uint_eq(f->sides[1].thread, 2);
	ck_assert_uint_eq(f->sides[1].waits_for, A);
}
END_TEST

START_TEST(each_lock_left_behind_is_one_finding)
{
	struct event story[] = {
		ACQUIRE(1, RECURSIVE),
		ACQUIRE(1, RECURSIVE),
		ACQUIRE_SHARED(1, RW),
		EXIT(1),
		ENDED(1),
	};

	const struct report *r = RUN(&analysis_misuse, story);

	ck_assert_uint_eq(report_n_added(r), 2);
	ck_assert_uint_eq(report_added(r, 0)->count, 1);
	ck_assert_uint_eq(report_added(r, 1)->count, 1);
}
END_TEST

START_TEST(destructor_may_still_release)
{
	struct event story[] = {
		ACQUIRE(1, A),
		EXIT(1),
		RELEASE(1, A),
		ENDED(1),
	};

	ASSERT_NOTHING(story);
}
END_TEST

START_TEST(thread_cut_off_by_the_end_of_the_process_is_not_reported)
{
	struct event story[] = { ACQUIRE(1, A), ENDED(1) };

	ASSERT_NOTHING(story);
}
END_TEST

START_TEST(robust_mutex_left_behind_is_a_warning)
{
	struct event story[] = {
		ACQUIRE(1, ROBUST),
		EXIT(1),
		ENDED(1),
		FLAGGED(CMSHIM_OWNER_DIED, ACQUIRE(2, ROBUST)),
		RELEASE(2, ROBUST),
	};
	const struct finding *f = only_finding(RUN(&analysis_misuse, story));

	ck_assert_str_eq(f->rule->id, "lock-exit-held");
	ck_assert_int_eq(f->level, LEVEL_WARNING);
}
END_TEST

START_TEST(lock_that_another_thread_has_later_was_not_left)
{
	struct event taken[] = {
		ACQUIRE(1, A), EXIT(1), ENDED(1), ACQUIRE(2, A), RELEASE(2, A),
	};
	/* It was taken by a call that is not recorded. */
	struct event released[] = {
		ACQUIRE(1, A),
		EXIT(1),
		ENDED(1),
		RELEASE(2, A),
	};
	struct event foreign[] = {
		AT(5, ACQUIRE(1, A)),
		EXIT(1),
		ENDED(1),
		FOREIGN(2, A),
	};
	struct event inherited[] = {
		AT(5, ACQUIRE(1, A)),
		EXIT(1),
		ENDED(1),
		FLAGGED(CMSHIM_OWNER_DIED, ACQUIRE(2, A)),
		RELEASE(2, A),
	};

	ASSERT_NOTHING(taken);
	ASSERT_NOTHING(released);
	ck_assert_uint_ge(report_n_added(RUN(&analysis_misuse, foreign)), 1);
	ck_assert_str_eq(
		only_finding(RUN(&analysis_misuse, inherited))->rule->id,
		"lock-exit-held");
}
END_TEST

START_TEST(thread_cancelled_in_a_wait_that_keeps_the_mutex_is_reported)
{
	struct event condition[] = {
		ACQUIRE(1, A),
		RELEASE(1, A),
		WAIT(1, CONDITION),
		WAKE(1, CONDITION),
		AT(5, FLAGGED(CMSHIM_CANCELLED, ACQUIRE(1, A))),
		EXIT(1),
		ENDED(1),
	};
	struct event semaphore[] = {
		ACQUIRE(1, A),
		REQUEST(1, SEM),
		FLAGGED(CMSHIM_CANCELLED, REQUEST_FAILED(1, SEM, 125)),
		EXIT(1),
		ENDED(1),
	};
	struct event released[] = {
		ACQUIRE(1, A),
		RELEASE(1, A),
		WAIT(1, CONDITION),
		WAKE(1, CONDITION),
		FLAGGED(CMSHIM_CANCELLED, ACQUIRE(1, A)),
		RELEASE(1, A),
		EXIT(1),
		ENDED(1),
	};
	const struct finding *f =
		only_finding(RUN(&analysis_misuse, condition));

	ck_assert_str_eq(f->rule->id, "lock-cancel-held");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->sides[0].stack, 5);
	f = only_finding(RUN(&analysis_misuse, semaphore));
	ck_assert_str_eq(f->rule->id, "lock-cancel-held");
	ASSERT_NOTHING(released);
}
END_TEST

Suite *suite_misuse(void)
{
	Suite *s = suite_create("misuse");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, release_by_another_thread_is_reported);
	tcase_add_test(tc, release_by_the_owner_is_not);
	tcase_add_test(tc, release_of_a_read_lock_of_others_is_reported);
	tcase_add_test(tc, release_that_failed_was_none);
	tcase_add_test(tc, failure_of_another_release_excuses_nothing);
	tcase_add_test(tc, last_event_of_a_thread_counts_unless_it_must_fail);
	tcase_add_test(tc, second_release_is_reported_with_the_last_holder);
	tcase_add_test(tc, recursive_lock_may_be_released_as_often_as_taken);
	tcase_add_test(tc, same_mistake_is_one_finding);
	tcase_add_test(tc, lock_from_before_the_trace_may_be_released);
	tcase_add_test(tc, child_may_release_what_its_parent_took);
	tcase_add_test(tc, other_processes_may_hold_what_they_share);
	tcase_add_test(tc, semaphores_have_no_owner);
	tcase_add_test(tc, gap_leaves_the_holder_unknown);
	tcase_add_test(tc, thread_that_ends_with_a_lock_is_reported);
	tcase_add_test(tc, each_lock_left_behind_is_one_finding);
	tcase_add_test(tc, destructor_may_still_release);
	tcase_add_test(
		tc, thread_cut_off_by_the_end_of_the_process_is_not_reported);
	tcase_add_test(tc, robust_mutex_left_behind_is_a_warning);
	tcase_add_test(tc, lock_that_another_thread_has_later_was_not_left);
	tcase_add_test(
		tc,
		thread_cancelled_in_a_wait_that_keeps_the_mutex_is_reported);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/*
 * A thread's count has 32 bits.  When it is full, all that was is taken as
 * ordered before all that comes; here it is full at 3.
 */
#include "race_story.h"
#include "suites.h"

static const struct setting narrow = { .most_counts = 3 };

#define RACE_IN(story, setting) RUN_IN(map_race_alone(), story, setting)

/* The count goes up when something is done after it was told. */
#define TELLS(who, n) ACQUIRE(who, C), RELEASE(who, C), WRITE(who, N, n, n)

START_TEST(what_was_before_is_ordered_before_what_comes_after)
{
	struct event story[] = {
		WRITE(1, M, 1, 1), TELLS(1, 1),
		TELLS(1, 2),	   ACQUIRE(1, C), /* its count is 3 */
		WRITE(2, M, 2, 2),
	};

	only(RACE(story), "map-race-hb", LEVEL_WARNING);
	assert_silent(RACE_IN(story, &narrow));
}
END_TEST

START_TEST(calls_that_come_after_are_compared_as_before)
{
	struct event story[] = {
		TELLS(1, 1),   TELLS(1, 2),	  ACQUIRE(1, C),
		RELEASE(1, C), WRITE(2, M, 1, 1), WRITE(1, M, 2, 2),
	};

	only(RACE_IN(story, &narrow), "map-race-hb", LEVEL_WARNING);
}
END_TEST

/* Thread 2 knew all counts there are of thread 1 before, and must not be
   taken to know what that has learnt since. */
START_TEST(what_a_full_thread_learns_it_hands_on)
{
	struct event story[] = {
		TELLS(1, 1),   TELLS(1, 2),   ACQUIRE(1, A),	 RELEASE(1, A),
		ACQUIRE(2, A), RELEASE(2, A), WRITE(3, M, 1, 1), ACQUIRE(3, B),
		RELEASE(3, B), ACQUIRE(1, B), RELEASE(1, B),	 ACQUIRE(1, A),
		RELEASE(1, A), ACQUIRE(2, A), WRITE(2, M, 2, 2),
	};

	assert_silent(RACE_IN(story, &narrow));
}
END_TEST

/* What was told by a count of before says nothing of the new ones. */
#define FULL TELLS(1, 1), TELLS(1, 2), ACQUIRE(1, C)

START_TEST(lock_that_was_given_before_orders_nothing_after)
{
	struct event story[] = {
		ACQUIRE(2, A),	   RELEASE(2, A), FULL,
		WRITE(2, M, 1, 1), ACQUIRE(3, A), WRITE(3, M, 2, 2),
	};

	only(RACE_IN(story, &narrow), "map-race-hb", LEVEL_WARNING);
}
END_TEST

START_TEST(what_a_thread_knew_before_is_not_what_comes_after)
{
	struct event story[] = {
		ACQUIRE(2, A), RELEASE(2, A),	  ACQUIRE(3, A),     FULL,
		RELEASE(3, A), WRITE(2, M, 1, 1), WRITE(3, M, 2, 2),
	};

	only(RACE_IN(story, &narrow), "map-race-hb", LEVEL_WARNING);
}
END_TEST

START_TEST(thread_that_was_made_before_does_not_know_what_comes_after)
{
	struct event story[] = {
		CREATE(2, 3),	   FULL, WRITE(2, M, 1, 1), BEGIN(3, 2),
		WRITE(3, M, 2, 2),
	};

	only(RACE_IN(story, &narrow), "map-race-hb", LEVEL_WARNING);
}
END_TEST

START_TEST(signal_from_before_orders_nothing_after)
{
	struct event story[] = {
		WAIT_WITH(3, CONDITION, B),
		SIGNAL(2, CONDITION),
		FULL,
		WRITE(2, M, 1, 1),
		WAKE(3, CONDITION),
		WRITE(3, M, 2, 2),
	};

	only(RACE_IN(story, &narrow), "map-race-hb", LEVEL_WARNING);
}
END_TEST

Suite *suite_order_restart(void)
{
	Suite *s = suite_create("order_restart");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, what_was_before_is_ordered_before_what_comes_after);
	tcase_add_test(tc, calls_that_come_after_are_compared_as_before);
	tcase_add_test(tc, what_a_full_thread_learns_it_hands_on);
	tcase_add_test(tc, lock_that_was_given_before_orders_nothing_after);
	tcase_add_test(tc, what_a_thread_knew_before_is_not_what_comes_after);
	tcase_add_test(
		tc, thread_that_was_made_before_does_not_know_what_comes_after);
	tcase_add_test(tc, signal_from_before_orders_nothing_after);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/* Of two calls that nothing orders: what ordered their threads last. */
#include "race_story.h"
#include "suites.h"

/* Of the pair that the story ends in; NULL: nothing is said. */
#define LAST(story) only(RACE(story), "map-race-hb", LEVEL_WARNING)->last_order

START_TEST(lock_that_went_from_one_to_the_other)
{
	struct event story[] = {
		AT(3, ACQUIRE(1, A)),
		RELEASE(1, A),
		ACQUIRE(2, B),
		RELEASE(2, B),
		AT(5, ACQUIRE(2, A)),
		AT(7, WRITE(1, M, 1, 1)),
		AT(8, WRITE(2, M, 2, 2)),
	};
	const struct last_order *last = LAST(story);

	ck_assert_ptr_nonnull(last);
	ck_assert_uint_eq(last->object, A);
	ck_assert_uint_eq(last->giver, 1);
	ck_assert_uint_eq(last->taker, 2);
	ck_assert_uint_eq(last->given_stack, 3);
	ck_assert_uint_eq(last->taken_stack, 5);
}
END_TEST

START_TEST(later_one_counts)
{
	struct event story[] = {
		ACQUIRE(1, A),	     RELEASE(1, A),
		ACQUIRE(2, A),	     RELEASE(2, A),
		AT(6, POST(1, SEM)), AT(9, WHEN(70, TAKE(2, SEM))),
		WRITE(1, M, 1, 1),   WRITE(2, M, 2, 2),
	};
	const struct last_order *last = LAST(story);

	ck_assert_ptr_nonnull(last);
	ck_assert_uint_eq(last->object, SEM);
	ck_assert_uint_eq(last->given_stack, 6);
	ck_assert_uint_eq(last->taken_stack, 9);
	ck_assert(last->has_time);
	ck_assert_uint_eq(last->time_ns, 70);
}
END_TEST

START_TEST(thread_that_was_made_by_the_other)
{
	struct event story[] = {
		CREATE(1, 2),
		BEGIN(2, 1),
		WRITE(1, M, 1, 1),
		WRITE(2, M, 2, 2),
	};
	const struct last_order *last = LAST(story);

	ck_assert_ptr_nonnull(last);
	ck_assert_uint_eq(last->object, 0);
	ck_assert_uint_eq(last->giver, 1);
	ck_assert_uint_eq(last->taker, 2);
}
END_TEST

START_TEST(signal_that_woke)
{
	struct event story[] = {
		WAIT_WITH(2, CONDITION, A), AT(4, SIGNAL(1, CONDITION)),
		WAKE(2, CONDITION),	    WRITE(1, M, 1, 1),
		WRITE(2, M, 2, 2),
	};
	const struct last_order *last = LAST(story);

	ck_assert_ptr_nonnull(last);
	ck_assert_uint_eq(last->object, CONDITION);
	ck_assert_uint_eq(last->given_stack, 4);
}
END_TEST

/* What is not sure to be the last is not told. */
START_TEST(nothing_is_said_of_what_came_by_others)
{
	struct event never[] = { WRITE(1, M, 1, 1), WRITE(2, M, 2, 2) };
	struct event other_way[] = {
		ACQUIRE(2, A),	   RELEASE(2, A),     ACQUIRE(1, A),
		WRITE(1, M, 1, 1), WRITE(2, M, 2, 2),
	};
	struct event by_a_third[] = {
		ACQUIRE(1, A), RELEASE(1, A),	  ACQUIRE(2, A),
		RELEASE(2, A), WRITE(1, N, 1, 1), POST(1, SEM),
		TAKE(3, SEM),  ACQUIRE(3, B),	  RELEASE(3, B),
		ACQUIRE(2, B), WRITE(1, M, 1, 1), WRITE(2, M, 2, 2),
	};
	/* Thread 3 read later, but tells no reader. */
	struct event reader[] = {
		ACQUIRE(1, RW),		ACQUIRE_SHARED(3, RW2),
		RELEASE_SHARED(3, RW2), RELEASE(1, RW),
		ACQUIRE_SHARED(2, RW2), WRITE(3, M, 1, 1),
		WRITE(2, M, 2, 2),
	};

	ck_assert_ptr_null(LAST(never));
	ck_assert_ptr_null(LAST(other_way));
	ck_assert_ptr_null(LAST(by_a_third));
	ck_assert_ptr_null(LAST(reader));
}
END_TEST

START_TEST(what_is_long_ago_is_not_spoken_of)
{
	enum { OTHERS = 16 };
	struct event story[4 + 4 * OTHERS + 2];
	size_t n = 0;

	story[n++] = ACQUIRE(1, A);
	story[n++] = RELEASE(1, A);
	story[n++] = ACQUIRE(2, A);
	story[n++] = RELEASE(2, A);
	for (uint32_t i = 0; i < OTHERS; i++) {
		story[n++] = ACQUIRE(3 + i, B);
		story[n++] = RELEASE(3 + i, B);
		story[n++] = ACQUIRE(2, B);
		story[n++] = RELEASE(2, B);
	}
	story[n++] = WRITE(1, M, 1, 1);
	story[n++] = WRITE(2, M, 2, 2);
	ck_assert_ptr_null(LAST(story));
}
END_TEST

START_TEST(call_is_compared_with_what_was_known_as_it_began)
{
	struct event story[] = {
		ENTER_WRITE(2, M, 1), WRITE(1, M, 2, 2), ACQUIRE(1, A),
		RELEASE(1, A),	      ACQUIRE(2, A),	 LEAVE(2, M, 2),
	};

	ck_assert_ptr_null(LAST(story));
}
END_TEST

Suite *suite_last_order(void)
{
	Suite *s = suite_create("last_order");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, lock_that_went_from_one_to_the_other);
	tcase_add_test(tc, later_one_counts);
	tcase_add_test(tc, thread_that_was_made_by_the_other);
	tcase_add_test(tc, signal_that_woke);
	tcase_add_test(tc, nothing_is_said_of_what_came_by_others);
	tcase_add_test(tc, what_is_long_ago_is_not_spoken_of);
	tcase_add_test(tc, call_is_compared_with_what_was_known_as_it_began);
	suite_add_tcase(s, tc);
	return s;
}

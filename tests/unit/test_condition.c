/* SPDX-License-Identifier: MIT */
/* Condition variables: mutexes, locks held in waits, their end. */
#include <errno.h>

#include "script.h"
#include "suites.h"

#define ASSERT_NOTHING(story) \
	ck_assert_uint_eq(report_n_added(RUN(&analysis_condition, story)), 0)

#define ONLY(story) only_finding(RUN(&analysis_condition, story))

#define GO_TO_WAIT(who, cond, mutex) \
	ACQUIRE(who, mutex), RELEASE(who, mutex), WAIT_WITH(who, cond, mutex)

START_TEST(two_mutexes_with_one_condition_are_reported)
{
	struct event story[] = {
		ACQUIRE(1, A), RELEASE(1, A), AT(5, WAIT_WITH(1, CONDITION, A)),
		ACQUIRE(2, B), RELEASE(2, B), AT(6, WAIT_WITH(2, CONDITION, B)),
	};
	struct event same[] = {
		GO_TO_WAIT(1, CONDITION, A),
		GO_TO_WAIT(2, CONDITION, A),
	};
	struct event other_condition[] = {
		GO_TO_WAIT(1, CONDITION, A),
		GO_TO_WAIT(2, CONDITION2, B),
	};
	const struct finding *f = ONLY(story);

	ck_assert_str_eq(f->rule->id, "cv-two-mutexes");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->object, CONDITION);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_uint_eq(f->sides[1].stack, 5);
	ASSERT_NOTHING(same);
	ASSERT_NOTHING(other_condition);
}
END_TEST

START_TEST(waits_one_after_the_other_may_have_different_mutexes)
{
	struct event ended[] = {
		GO_TO_WAIT(1, CONDITION, A),
		WAKE(1, CONDITION),
		ACQUIRE(1, A),
		GO_TO_WAIT(2, CONDITION, B),
	};
	/* Its end may not have been recorded yet. */
	struct event signalled[] = {
		GO_TO_WAIT(1, CONDITION, A),
		SIGNAL(3, CONDITION),
		GO_TO_WAIT(2, CONDITION, B),
	};
	/* The call that began before the wait may have woken it. */
	struct event in_flight[] = {
		SIGNAL(3, CONDITION),
		GO_TO_WAIT(1, CONDITION, A),
		SIGNALLED(3, CONDITION, 2),
		GO_TO_WAIT(2, CONDITION, B),
	};
	struct event timed[] = {
		ACQUIRE(1, A),
		RELEASE(1, A),
		TIMED(WAIT_WITH(1, CONDITION, A)),
		GO_TO_WAIT(2, CONDITION, B),
	};

	ASSERT_NOTHING(ended);
	ASSERT_NOTHING(signalled);
	ASSERT_NOTHING(in_flight);
	ASSERT_NOTHING(timed);
}
END_TEST

START_TEST(wait_with_another_lock_held_is_reported)
{
	struct event story[] = {
		ACQUIRE(1, B),
		ACQUIRE(1, A),
		RELEASE(1, A),
		AT(5, WAIT_WITH(1, CONDITION, A)),
	};
	struct event only_the_mutex[] = { GO_TO_WAIT(1, CONDITION, A) };
	const struct finding *f = ONLY(story);

	ck_assert_str_eq(f->rule->id, "cv-wait-holding-other");
	ck_assert_int_eq(f->level, LEVEL_NOTE);
	ck_assert_uint_eq(f->sides[0].stack, 5);
	ck_assert_uint_eq(f->sides[0].n_held, 1);
	ck_assert_uint_eq(f->sides[0].held[0].object, B);
	ASSERT_NOTHING(only_the_mutex);
}
END_TEST

START_TEST(wait_with_its_mutex_taken_twice_is_a_warning)
{
	struct event twice[] = {
		ACQUIRE(1, RECURSIVE),
		AT(3, ACQUIRE(1, RECURSIVE)),
		RELEASE(1, RECURSIVE),
		AT(5, WAIT_WITH(1, CONDITION, RECURSIVE)),
	};
	struct event once[] = { GO_TO_WAIT(1, CONDITION, RECURSIVE) };
	/* That it was released is among what is missing. */
	struct event torn[] = {
		ACQUIRE(1, RECURSIVE),
		ACQUIRE(1, RECURSIVE),
		DROP(1),
		WAIT_WITH(1, CONDITION, RECURSIVE),
	};
	const struct finding *f = ONLY(twice);

	ck_assert_str_eq(f->rule->id, "cv-wait-holding-other");
	ck_assert_int_eq(f->level, LEVEL_WARNING);
	ck_assert_int_eq(f->tier, TIER_OBSERVED);
	ck_assert_uint_eq(f->object, CONDITION);
	ck_assert_uint_eq(f->sides[0].stack, 5);
	ck_assert_uint_eq(f->sides[0].held[0].object, RECURSIVE);
	ASSERT_NOTHING(once);
	ASSERT_NOTHING(torn);
}
END_TEST

START_TEST(it_is_a_warning_if_who_signals_waited_for_the_lock_meanwhile)
{
	struct event needed[] = {
		ACQUIRE(1, B),	    GO_TO_WAIT(1, CONDITION, A),
		REQUEST(2, B),	    SIGNAL(3, CONDITION),
		WAKE(1, CONDITION), ACQUIRE(1, A),
		RELEASE(1, A),	    RELEASE(1, B),
		WAITED(2, B, 5),    SIGNAL(2, CONDITION),
	};
	struct event never_signals[] = {
		ACQUIRE(1, B),
		GO_TO_WAIT(1, CONDITION, A),
		REQUEST(2, B),
		SIGNAL(3, CONDITION),
	};
	/* As a stream is flushed, and then joined. */
	struct event after_the_signal[] = {
		ACQUIRE(1, B),
		GO_TO_WAIT(1, CONDITION, A),
		SIGNAL(2, CONDITION),
		REQUEST(2, B),
	};

	ck_assert_int_eq(ONLY(needed)->level, LEVEL_WARNING);
	ck_assert_int_eq(ONLY(never_signals)->level, LEVEL_NOTE);
	ck_assert_int_eq(ONLY(after_the_signal)->level, LEVEL_NOTE);
}
END_TEST

START_TEST(condition_destroyed_with_a_waiter_is_reported)
{
	struct event destroyed[] = {
		GO_TO_WAIT(1, CONDITION, A),
		AT(6, DESTROY(2, CONDITION)),
	};
	struct event freed[] = {
		GO_TO_WAIT(1, CONDITION, A),
		FREED(2, CONDITION),
	};
	struct event woken[] = {
		GO_TO_WAIT(1, CONDITION, A),
		BROADCAST(2, CONDITION),
		DESTROY(2, CONDITION),
		WAKE(1, CONDITION),
	};
	struct event other[] = {
		GO_TO_WAIT(1, CONDITION, A),
		DESTROY(2, CONDITION2),
	};
	const struct finding *f = ONLY(destroyed);

	ck_assert_str_eq(f->rule->id, "cv-destroy-waiting");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_uint_eq(f->sides[1].thread, 1);
	ONLY(freed);
	ASSERT_NOTHING(woken);
	ASSERT_NOTHING(other);
}
END_TEST

Suite *suite_condition(void)
{
	Suite *s = suite_create("condition");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, two_mutexes_with_one_condition_are_reported);
	tcase_add_test(tc,
		       waits_one_after_the_other_may_have_different_mutexes);
	tcase_add_test(tc, wait_with_another_lock_held_is_reported);
	tcase_add_test(tc, wait_with_its_mutex_taken_twice_is_a_warning);
	tcase_add_test(
		tc,
		it_is_a_warning_if_who_signals_waited_for_the_lock_meanwhile);
	tcase_add_test(tc, condition_destroyed_with_a_waiter_is_reported);
	suite_add_tcase(s, tc);
	return s;
}

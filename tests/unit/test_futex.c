/* SPDX-License-Identifier: MIT */
/* Locks made of futexes, and futexes that are no locks. */
#include <errno.h>

#include "report/report_parts.h"
#include "script.h"
#include "suites.h"

#define MS 1000000ull

extern const struct analysis analysis_futex;

static const struct report *run(const struct event *story, size_t n,
				uint64_t duration_ns)
{
	const struct setting setting = { .duration_ns = duration_ns };

	return run_story(&analysis_futex, story, n, &setting);
}

#define RUN_FUTEX(story, ns) run(story, N_EVENTS(story), ns)

/* Thread 1 has it; 2 and 3 wait and wake the next one. */
#define LOCK_STORY                                                             \
	AT(5, WHEN(1 * MS, WAIT(2, FUTEX))), AT(6, SIGNAL(1, FUTEX)),          \
		WHEN(21 * MS, WAKE(2, FUTEX)),                                 \
		AT(7, WHEN(22 * MS, WAIT(3, FUTEX))), AT(8, SIGNAL(2, FUTEX)), \
		WHEN(25 * MS, WAKE(3, FUTEX)), AT(9, SIGNAL(3, FUTEX))

START_TEST(lock_is_reported_with_who_waited_and_who_woke)
{
	struct event story[] = { LOCK_STORY };
	const struct report *r = RUN_FUTEX(story, 30 * MS);
	const struct finding *f = only_finding(r);
	const struct lock_usage *u = usage_of_lock(r, FUTEX);

	ck_assert_str_eq(f->rule->id, "perf-futex");
	ck_assert_int_eq(f->level, LEVEL_NOTE);
	ck_assert_uint_eq(f->object, FUTEX);
	ck_assert_uint_eq(f->weight, 23 * MS);
	ck_assert_uint_eq(f->count, 2);
	ck_assert_uint_eq(f->sides[0].thread, 2);
	ck_assert_uint_eq(f->sides[0].stack, 5);
	ck_assert_uint_eq(f->sides[0].time_ns, 1 * MS);
	ck_assert_uint_eq(f->sides[1].thread, 1);
	ck_assert_uint_eq(f->sides[1].stack, 6);
	ck_assert_uint_eq(u->contended, 2);
	ck_assert_uint_eq(u->n_threads, 2);
	ck_assert_uint_eq(u->wait->max_ns, 20 * MS);
	ck_assert_uint_eq(u->n_blame, 2);
	ck_assert_uint_eq(u->blame[0].waiter_stack, 5);
	ck_assert_uint_eq(u->blame[0].holder_stack, 6);
	ck_assert_uint_eq(u->blame[0].wait_ns, 20 * MS);
}
END_TEST

START_TEST(little_waiting_in_a_long_life_is_shown_only)
{
	struct event story[] = {
		WHEN(1 * MS, WAIT(2, FUTEX)),
		SIGNAL(1, FUTEX),
		WHEN(3 * MS, WAKE(2, FUTEX)),
		WHEN(3 * MS, WAIT(3, FUTEX)),
		SIGNAL(2, FUTEX),
		WHEN(5 * MS, WAKE(3, FUTEX)),
		SIGNAL(3, FUTEX),
	};
	const struct report *r = RUN_FUTEX(story, 401 * MS);

	ck_assert_uint_eq(report_n_added(r), 0);
	ck_assert_uint_eq(usage_of_lock(r, FUTEX)->wait->sum_ns, 4 * MS);
	ck_assert_uint_eq(report_n_added(RUN_FUTEX(story, 399 * MS)), 1);
}
END_TEST

START_TEST(who_waits_and_does_not_wake_uses_no_lock)
{
	struct event story[] = {
		WHEN(1 * MS, WAIT(2, FUTEX)),
		SIGNAL(1, FUTEX),
		WHEN(21 * MS, WAKE(2, FUTEX)),
		WHEN(22 * MS, WAIT(2, FUTEX)),
		SIGNAL(1, FUTEX),
		WHEN(42 * MS, WAKE(2, FUTEX)),
	};
	const struct report *r = RUN_FUTEX(story, 50 * MS);

	ck_assert_uint_eq(report_n_added(r), 0);
	ck_assert_uint_eq(r->lists.n_locks, 0);
}
END_TEST

/* Each once: had they waited again, they would have got nothing. */
START_TEST(two_who_were_waked_and_wake_nobody_use_no_lock)
{
	struct event story[] = {
		WHEN(1 * MS, WAIT(2, FUTEX)),
		WHEN(1 * MS, WAIT(3, FUTEX)),
		SIGNAL(1, FUTEX),
		WHEN(21 * MS, WAKE(2, FUTEX)),
		WHEN(22 * MS, WAKE(3, FUTEX)),
	};

	ck_assert_uint_eq(RUN_FUTEX(story, 50 * MS)->lists.n_locks, 0);
}
END_TEST

/* Somebody was faster, twice: the thread gets it at the third wake. */
START_TEST(thread_that_waits_again_got_nothing)
{
	struct event story[] = {
		WHEN(1 * MS, WAIT(2, FUTEX)),
		SIGNAL(1, FUTEX),
		WHEN(2 * MS, WAKE(2, FUTEX)),
		WHEN(3 * MS, WAIT(2, FUTEX)),
		SIGNAL(1, FUTEX),
		WHEN(12 * MS, WAKE(2, FUTEX)),
		WHEN(12 * MS, WAIT(2, FUTEX)),
		SIGNAL(1, FUTEX),
		WHEN(32 * MS, WAKE(2, FUTEX)),
		SIGNAL(2, FUTEX),
		WHEN(33 * MS, WAIT(1, FUTEX)),
		SIGNAL(2, FUTEX),
		WHEN(34 * MS, WAKE(1, FUTEX)),
		SIGNAL(1, FUTEX),
	};

	ck_assert_uint_eq(only_finding(RUN_FUTEX(story, 50 * MS))->weight,
			  31 * MS);
}
END_TEST

START_TEST(what_did_not_wait_and_what_timed_out_is_not_counted)
{
	struct event story[] = {
		WHEN(1 * MS, WAIT(4, FUTEX)),
		WHEN(2 * MS, told_code(WAKE(4, FUTEX), EAGAIN)),
		WHEN(1 * MS, WAIT(5, FUTEX)),
		WHEN(20 * MS, told_code(WAKE(5, FUTEX), ETIMEDOUT)),
		LOCK_STORY,
	};

	ck_assert_uint_eq(only_finding(RUN_FUTEX(story, 50 * MS))->weight,
			  23 * MS);
}
END_TEST

/* For a lock, or until something else happens (FUTEX3): that never did. */
#define BOTH_WAIT(ms, who)                       \
	AT(5, WHEN((ms)*MS, WAIT(who, FUTEX3))), \
		AT(5, WHEN((ms)*MS, WAIT(who, FUTEX)))
#define BOTH_WAKE(ms, who)               \
	WHEN((ms)*MS, WAKE(who, FUTEX)), \
		WHEN((ms)*MS, told_code(WAKE(who, FUTEX3), ECANCELED))

START_TEST(wait_on_several_words_is_for_the_one_that_woke)
{
	struct event story[] = {
		BOTH_WAIT(1, 2),
		SIGNAL(1, FUTEX),
		BOTH_WAKE(11, 2),
		BOTH_WAIT(12, 3),
		SIGNAL(2, FUTEX),
		BOTH_WAKE(15, 3),
		/* Somebody was faster. */
		BOTH_WAIT(15, 3),
		SIGNAL(2, FUTEX),
		BOTH_WAKE(18, 3),
		SIGNAL(3, FUTEX),
	};
	const struct report *r = RUN_FUTEX(story, 20 * MS);

	ck_assert_uint_eq(only_finding(r)->object, FUTEX);
	ck_assert_uint_eq(only_finding(r)->weight, (10 + 3 + 3) * MS);
	ck_assert_uint_eq(r->lists.n_locks, 1);
}
END_TEST

START_TEST(wait_on_several_words_that_failed_is_not_counted)
{
	struct event story[] = {
		LOCK_STORY,
		BOTH_WAIT(26, 2),
		WHEN(29 * MS, told_code(WAKE(2, FUTEX3), ETIMEDOUT)),
		WHEN(29 * MS, told_code(WAKE(2, FUTEX), ETIMEDOUT)),
	};

	ck_assert_uint_eq(only_finding(RUN_FUTEX(story, 50 * MS))->weight,
			  23 * MS);
}
END_TEST

START_TEST(condition_is_no_futex)
{
	struct event story[] = { LOCK_STORY };

	for (size_t i = 0; i < N_EVENTS(story); i++)
		story[i].object = CONDITION;
	ck_assert_uint_eq(report_n_added(RUN_FUTEX(story, 50 * MS)), 0);
}
END_TEST

/* Each has a word of its own; all wait at one place and wake at another. */
#define QUEUE_STORY(place)                                                \
	AT(place, WHEN(1 * MS, WAIT(2, FUTEX))),                          \
		AT(place, WHEN(2 * MS, WAIT(3, FUTEX2))),                 \
		AT(7, SIGNAL(1, FUTEX)), WHEN(11 * MS, WAKE(2, FUTEX)),   \
		AT(place, WHEN(12 * MS, WAIT(4, FUTEX3))),                \
		AT(6, SIGNAL(2, FUTEX2)), WHEN(16 * MS, WAKE(3, FUTEX2)), \
		AT(6, SIGNAL(3, FUTEX3)), WHEN(18 * MS, WAKE(4, FUTEX3))

START_TEST(queue_of_own_words_is_reported_by_place)
{
	struct event story[] = { QUEUE_STORY(5) };
	const struct report *r = RUN_FUTEX(story, 30 * MS);
	const struct finding *f = only_finding(r);

	ck_assert_str_eq(f->rule->id, "perf-futex");
	ck_assert_uint_eq(f->object, 0);
	ck_assert_uint_eq(f->weight, (10 + 14 + 6) * MS);
	ck_assert_uint_eq(f->count, 3);
	ck_assert_uint_eq(f->sides[0].thread, 3);
	ck_assert_uint_eq(f->sides[0].stack, 5);
	ck_assert_uint_eq(f->sides[0].time_ns, 2 * MS);
	ck_assert_uint_eq(f->sides[1].thread, 2);
	ck_assert_uint_eq(f->sides[1].stack, 6);
	ck_assert_uint_eq(r->lists.n_locks, 0);
	ck_assert_uint_eq(report_n_added(RUN_FUTEX(story, 3001 * MS)), 1);
}
END_TEST

/* As a pool's threads do that wake one another when there is work. */
START_TEST(queue_that_a_library_has_for_itself_is_silent)
{
	struct event story[] = { QUEUE_STORY(LIBRARY_STACK) };

	ck_assert_uint_eq(report_n_added(RUN_FUTEX(story, 30 * MS)), 0);
}
END_TEST

/* So little of a long life; no wait took 10 ms. */
START_TEST(little_waiting_on_own_words_is_silent)
{
	struct event story[] = { QUEUE_STORY(5) };

	for (size_t i = 0; i < N_EVENTS(story); i++)
		story[i].time_ns /= 2;
	ck_assert_uint_eq(report_n_added(RUN_FUTEX(story, 1501 * MS)), 0);
	ck_assert_uint_eq(report_n_added(RUN_FUTEX(story, 1499 * MS)), 1);
}
END_TEST

/* Question and answer. */
#define TURN(ms)                                                \
	AT(5, WHEN((ms)*MS, WAIT(2, FUTEX))), SIGNAL(3, FUTEX), \
		WHEN(((ms) + 5) * MS, WAKE(2, FUTEX)),          \
		AT(8, WHEN(((ms) + 5) * MS, WAIT(3, FUTEX2))),  \
		SIGNAL(2, FUTEX2), WHEN(((ms) + 10) * MS, WAKE(3, FUTEX2))

START_TEST(two_that_wake_each_other_at_different_places_use_no_lock)
{
	struct event story[] = { TURN(0), TURN(11), TURN(22) };

	ck_assert_uint_eq(report_n_added(RUN_FUTEX(story, 40 * MS)), 0);
}
END_TEST

/* Both threads wait at both, so each may meet the other at either. */
START_TEST(places_whose_waiters_wake_each_other_are_one_lock)
{
	struct event story[] = {
		AT(5, WHEN(1 * MS, WAIT(2, FUTEX))),
		AT(8, WHEN(1 * MS, WAIT(3, FUTEX2))),
		SIGNAL(1, FUTEX),
		WHEN(2 * MS, WAKE(2, FUTEX)),
		SIGNAL(2, FUTEX2),
		WHEN(3 * MS, WAKE(3, FUTEX2)),
		AT(8, WHEN(4 * MS, WAIT(2, FUTEX))),
		SIGNAL(3, FUTEX),
		WHEN(5 * MS, WAKE(2, FUTEX)),
		AT(5, WHEN(6 * MS, WAIT(3, FUTEX2))),
		SIGNAL(2, FUTEX2),
		WHEN(7 * MS, WAKE(3, FUTEX2)),
	};
	const struct finding *f = only_finding(RUN_FUTEX(story, 10 * MS));

	ck_assert_uint_eq(f->count, 4);
	ck_assert_uint_eq(f->weight, 5 * MS);
}
END_TEST

/* Most are woken by main, and by no other one that waits. */
START_TEST(workers_that_seldom_wake_each_other_use_no_lock)
{
	struct event story[] = {
		QUEUE_STORY(5),
		AT(5, WHEN(21 * MS, WAIT(2, FUTEX))),
		SIGNAL(1, FUTEX),
		WHEN(22 * MS, WAKE(2, FUTEX)),
		AT(5, WHEN(23 * MS, WAIT(2, FUTEX))),
		SIGNAL(1, FUTEX),
		WHEN(24 * MS, WAKE(2, FUTEX)),
		AT(5, WHEN(25 * MS, WAIT(2, FUTEX))),
		SIGNAL(1, FUTEX),
		WHEN(26 * MS, WAKE(2, FUTEX)),
		AT(5, WHEN(27 * MS, WAIT(2, FUTEX))),
		SIGNAL(1, FUTEX),
		WHEN(28 * MS, WAKE(2, FUTEX)),
	};

	/* Two of six, and of seven. */
	ck_assert_uint_eq(
		report_n_added(run(story, N_EVENTS(story) - 3, 30 * MS)), 1);
	ck_assert_uint_eq(report_n_added(RUN_FUTEX(story, 30 * MS)), 0);
}
END_TEST

/* The same after a look at the lock is one wait. */
START_TEST(wait_that_is_begun_again_at_once_was_in_vain)
{
	for (uint64_t gap_us = 49; gap_us <= 50; gap_us++) {
		const uint64_t gap_ns = gap_us * 1000;
		struct event story[] = {
			QUEUE_STORY(5),
			AT(5, WHEN(21 * MS, WAIT(2, FUTEX))),
			SIGNAL(1, FUTEX),
			WHEN(22 * MS, WAKE(2, FUTEX)),
			AT(5, WHEN(22 * MS + gap_ns, WAIT(2, FUTEX))),
			SIGNAL(1, FUTEX),
			WHEN(24 * MS, WAKE(2, FUTEX)),
			AT(5, WHEN(24 * MS + gap_ns, WAIT(2, FUTEX))),
			SIGNAL(1, FUTEX),
			WHEN(26 * MS, WAKE(2, FUTEX)),
			AT(5, WHEN(26 * MS + gap_ns, WAIT(2, FUTEX))),
			SIGNAL(1, FUTEX),
			WHEN(28 * MS, WAKE(2, FUTEX)),
		};

		ck_assert_uint_eq(report_n_added(RUN_FUTEX(story, 30 * MS)),
				  gap_us < 50);
	}
}
END_TEST

/* Word FUTEX is thread 2's, then thread 3's: after that has ended, or before.
 */
#define WORD_STORY(between)                                              \
	AT(5, WHEN(1 * MS, WAIT(2, FUTEX))), SIGNAL(1, FUTEX),           \
		WHEN(5 * MS, WAKE(2, FUTEX)),                            \
		AT(5, WHEN(6 * MS, WAIT(4, FUTEX3))), SIGNAL(2, FUTEX3), \
		WHEN(10 * MS, WAKE(4, FUTEX3)), between,                 \
		AT(5, WHEN(11 * MS, WAIT(3, FUTEX))), SIGNAL(4, FUTEX),  \
		WHEN(15 * MS, WAKE(3, FUTEX))

/* Thread 3 has slept on FUTEX2, but sleeps on another one now. */
START_TEST(wake_of_a_word_that_was_left_wakes_nobody)
{
	struct event story[] = {
		AT(5, WHEN(1 * MS, WAIT(3, FUTEX2))),
		SIGNAL(1, FUTEX2),
		WHEN(5 * MS, WAKE(3, FUTEX2)),
		AT(5, WHEN(6 * MS, WAIT(3, FUTEX3))),
		AT(5, WHEN(6 * MS, WAIT(2, FUTEX))),
		SIGNAL(1, FUTEX),
		WHEN(7 * MS, WAKE(2, FUTEX)),
		SIGNAL(2, FUTEX2),
		AT(5, WHEN(8 * MS, WAIT(2, FUTEX))),
		SIGNAL(1, FUTEX),
		WHEN(9 * MS, WAKE(2, FUTEX)),
		SIGNAL(2, FUTEX2),
	};
	struct event right[] = {
		AT(5, WHEN(6 * MS, WAIT(3, FUTEX3))),
		AT(5, WHEN(6 * MS, WAIT(2, FUTEX))),
		SIGNAL(1, FUTEX),
		WHEN(7 * MS, WAKE(2, FUTEX)),
		SIGNAL(2, FUTEX3),
		AT(5, WHEN(8 * MS, WAIT(2, FUTEX))),
		SIGNAL(1, FUTEX),
		WHEN(9 * MS, WAKE(2, FUTEX)),
		SIGNAL(2, FUTEX3),
	};

	ck_assert_uint_eq(report_n_added(RUN_FUTEX(story, 10 * MS)), 0);
	ck_assert_uint_eq(report_n_added(RUN_FUTEX(right, 10 * MS)), 1);
}
END_TEST

START_TEST(word_of_a_thread_that_has_ended_may_be_anothers)
{
	struct event after[] = { WORD_STORY(EXIT(2)) };
	struct event meanwhile[] = { WORD_STORY(EXIT(1)) };

	ck_assert_uint_eq(only_finding(RUN_FUTEX(after, 20 * MS))->count, 3);
	ck_assert_uint_eq(report_n_added(RUN_FUTEX(meanwhile, 20 * MS)), 0);
}
END_TEST

Suite *suite_futex(void)
{
	Suite *s = suite_create("futex");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, lock_is_reported_with_who_waited_and_who_woke);
	tcase_add_test(tc, little_waiting_in_a_long_life_is_shown_only);
	tcase_add_test(tc, who_waits_and_does_not_wake_uses_no_lock);
	tcase_add_test(tc, two_who_were_waked_and_wake_nobody_use_no_lock);
	tcase_add_test(tc, thread_that_waits_again_got_nothing);
	tcase_add_test(tc, what_did_not_wait_and_what_timed_out_is_not_counted);
	tcase_add_test(tc, wait_on_several_words_is_for_the_one_that_woke);
	tcase_add_test(tc, wait_on_several_words_that_failed_is_not_counted);
	tcase_add_test(tc, condition_is_no_futex);
	tcase_add_test(tc, queue_of_own_words_is_reported_by_place);
	tcase_add_test(tc, queue_that_a_library_has_for_itself_is_silent);
	tcase_add_test(tc, little_waiting_on_own_words_is_silent);
	tcase_add_test(
		tc, two_that_wake_each_other_at_different_places_use_no_lock);
	tcase_add_test(tc, places_whose_waiters_wake_each_other_are_one_lock);
	tcase_add_test(tc, workers_that_seldom_wake_each_other_use_no_lock);
	tcase_add_test(tc, wait_that_is_begun_again_at_once_was_in_vain);
	tcase_add_test(tc, wake_of_a_word_that_was_left_wakes_nobody);
	tcase_add_test(tc, word_of_a_thread_that_has_ended_may_be_anothers);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/* Blocking calls with a lock held, and who waited for the lock meanwhile. */
#include <errno.h>
#include <string.h>

#include "script.h"
#include "suites.h"

#define MS 1000000ull

extern const struct analysis analysis_blocking;

/* A call of that thread ends at that time and took so long. */
static struct event blocked(uint32_t thread, uint64_t at_ns, uint64_t took_ns)
{
	struct event ev = WHEN(at_ns, told(CMSHIM_OP_BLOCKED, thread, 0));

	ev.duration_ns = took_ns;
	return ev;
}

static const struct report *run(const struct event *story, size_t n)
{
	return run_story(&analysis_blocking, story, n, NULL);
}

#define RUN_BLOCKING(story) run(story, N_EVENTS(story))

/* Litmus 43: T1 locks and blocks for 20 ms, T2 waits for 19 of them. */
START_TEST(wait_for_the_holder_of_a_lock_that_blocks_is_reported)
{
	struct event story[] = {
		AT(5, ACQUIRE(1, A)),
		AT(6, WHEN(2 * MS, REQUEST(2, A))),
		AT(7, blocked(1, 21 * MS, 20 * MS)),
		RELEASE(1, A),
		AT(6, WHEN(22 * MS, WAITED(2, A, 20 * MS))),
	};
	const struct finding *f = only_finding(RUN_BLOCKING(story));

	ck_assert_str_eq(f->rule->id, "lock-held-blocking");
	ck_assert_int_eq(f->level, LEVEL_WARNING);
	ck_assert_int_eq(f->tier, TIER_OBSERVED);
	ck_assert_uint_eq(f->object, A);
	ck_assert_uint_eq(f->weight, 19 * MS);
	ck_assert_uint_eq(f->count, 1);
	ck_assert_uint_eq(f->n_sides, 2);
	ck_assert_uint_eq(f->sides[0].thread, 1);
	ck_assert_uint_eq(f->sides[0].stack, 7);
	ck_assert_uint_eq(f->sides[0].n_held, 1);
	ck_assert_uint_eq(f->sides[0].held[0].object, A);
	ck_assert_uint_eq(f->sides[0].held[0].stack, 5);
	ck_assert_uint_eq(f->sides[1].thread, 2);
	ck_assert_uint_eq(f->sides[1].stack, 6);
	ck_assert_uint_eq(f->sides[1].waits_for, A);
}
END_TEST

START_TEST(nobody_waited_nothing_is_reported)
{
	struct event story[] = {
		ACQUIRE(1, A), blocked(1, 21 * MS, 20 * MS),
		RELEASE(1, A), WHEN(22 * MS, ACQUIRE(2, A)),
		RELEASE(2, A),
	};

	ck_assert_uint_eq(report_n_added(RUN_BLOCKING(story)), 0);
}
END_TEST

START_TEST(wait_before_or_after_the_call_is_not_its_fault)
{
	struct event story[] = {
		ACQUIRE(1, A), blocked(1, 30 * MS, 10 * MS),
		RELEASE(1, A), WHEN(50 * MS, WAITED(2, A, 20 * MS)),
		RELEASE(2, A), WHEN(51 * MS, WAITED(3, B, 51 * MS)),
	};

	ck_assert_uint_eq(report_n_added(RUN_BLOCKING(story)), 0);
}
END_TEST

START_TEST(lock_given_up_before_the_call_has_no_part_in_it)
{
	struct event story[] = {
		ACQUIRE(1, A), ACQUIRE(1, B),
		RELEASE(1, A), blocked(1, 30 * MS, 20 * MS),
		RELEASE(1, B), WHEN(30 * MS, WAITED(2, A, 20 * MS)),
	};

	ck_assert_uint_eq(report_n_added(RUN_BLOCKING(story)), 0);
}
END_TEST

START_TEST(each_lock_has_its_own_waiters)
{
	struct event story[] = {
		ACQUIRE(1, A),
		ACQUIRE(1, B),
		blocked(1, 30 * MS, 20 * MS),
		RELEASE(1, B),
		WHEN(30 * MS, WAITED(2, B, 5 * MS)),
		RELEASE(1, A),
	};
	const struct finding *f = only_finding(RUN_BLOCKING(story));

	ck_assert_uint_eq(f->object, B);
	ck_assert_uint_eq(f->weight, 5 * MS);
}
END_TEST

START_TEST(less_than_a_millisecond_in_all_is_no_finding)
{
	struct event story[] = {
		ACQUIRE(1, A), blocked(1, 30 * MS, 20 * MS),
		RELEASE(1, A), WHEN(30 * MS, WAITED(2, A, MS / 2)),
		RELEASE(2, A), WHEN(30 * MS, WAITED(3, A, MS / 2 - 1)),
	};

	ck_assert_uint_eq(report_n_added(RUN_BLOCKING(story)), 0);
	story[5] = WHEN(30 * MS, WAITED(3, A, MS / 2));
	ck_assert_uint_eq(only_finding(RUN_BLOCKING(story))->weight, MS);
}
END_TEST

START_TEST(calls_of_one_place_are_one_finding)
{
	struct event story[] = {
		AT(5, ACQUIRE(1, A)),
		AT(7, blocked(1, 10 * MS, 4 * MS)),
		AT(7, blocked(1, 20 * MS, 4 * MS)),
		RELEASE(1, A),
		AT(5, ACQUIRE(1, A)),
		AT(8, blocked(1, 30 * MS, 9 * MS)),
		RELEASE(1, A),
		WHEN(40 * MS, WAITED(2, A, 38 * MS)),
	};
	const struct report *r = RUN_BLOCKING(story);

	ck_assert_uint_eq(report_n_added(r), 2);
	for (size_t i = 0; i < 2; i++) {
		const struct finding *f = report_added(r, i);
		bool is_first = f->sides[0].stack == 7;

		ck_assert_uint_eq(f->weight, is_first ? 8 * MS : 9 * MS);
		ck_assert_uint_eq(f->count, is_first ? 2 : 1);
	}
}
END_TEST

START_TEST(calls_in_one_hold_are_one_finding)
{
	struct event story[] = {
		AT(5, ACQUIRE(1, A)),
		AT(7, blocked(1, 10 * MS, 4 * MS)),
		AT(8, blocked(1, 30 * MS, 9 * MS)),
		RELEASE(1, A),
		WHEN(40 * MS, WAITED(2, A, 38 * MS)),
	};
	const struct finding *f = only_finding(RUN_BLOCKING(story));

	ck_assert_uint_eq(f->sides[0].stack, 8);
	ck_assert_uint_eq(f->weight, 13 * MS);
	ck_assert_uint_eq(f->count, 2);
	ck_assert_ptr_nonnull(strstr(f->message, "at 2 places"));
}
END_TEST

START_TEST(call_inside_a_call_is_not_counted_twice)
{
	struct event story[] = {
		AT(5, ACQUIRE(1, A)),
		AT(7, blocked(1, 10 * MS, 4 * MS)),
		AT(8, blocked(1, 12 * MS, 10 * MS)),
		RELEASE(1, A),
		WHEN(20 * MS, WAITED(2, A, 20 * MS)),
	};
	const struct finding *f = only_finding(RUN_BLOCKING(story));

	ck_assert_uint_eq(f->sides[0].stack, 8);
	ck_assert_uint_eq(f->weight, 10 * MS);
}
END_TEST

START_TEST(reader_that_blocks_delays_writers_only)
{
	struct event story[] = {
		ACQUIRE_SHARED(1, RW),
		blocked(1, 30 * MS, 20 * MS),
		WHEN(30 * MS, WAITED_SHARED(2, RW, 20 * MS)),
		RELEASE_SHARED(1, RW),
		RELEASE_SHARED(2, RW),
		AT(9, WHEN(32 * MS, WAITED(3, RW, 7 * MS))),
	};
	const struct finding *f = only_finding(RUN_BLOCKING(story));

	ck_assert_uint_eq(f->weight, 5 * MS);
	ck_assert_uint_eq(f->sides[1].stack, 9);
	ck_assert(f->sides[0].held[0].shared);
}
END_TEST

START_TEST(wait_that_timed_out_counts)
{
	struct event story[] = {
		ACQUIRE(1, A),
		blocked(1, 30 * MS, 20 * MS),
		WHEN(31 * MS,
		     told_wait(REQUEST_FAILED(2, A, ETIMEDOUT), 5 * MS)),
		RELEASE(1, A),
	};

	ck_assert_uint_eq(only_finding(RUN_BLOCKING(story))->weight, 4 * MS);
}
END_TEST

START_TEST(wait_that_never_ended_counts)
{
	struct event story[] = {
		ACQUIRE(1, A),
		WHEN(25 * MS, REQUEST(2, A)),
		blocked(1, 30 * MS, 20 * MS),
	};

	ck_assert_uint_eq(only_finding(RUN_BLOCKING(story))->weight, 5 * MS);
}
END_TEST

START_TEST(recursive_lock_is_counted_once)
{
	struct event story[] = {
		AT(5, ACQUIRE(1, RECURSIVE)),
		AT(6, ACQUIRE(1, RECURSIVE)),
		blocked(1, 30 * MS, 20 * MS),
		RELEASE(1, RECURSIVE),
		RELEASE(1, RECURSIVE),
		WHEN(31 * MS, WAITED(2, RECURSIVE, 31 * MS)),
	};

	ck_assert_uint_eq(only_finding(RUN_BLOCKING(story))->weight, 20 * MS);
}
END_TEST

/* More calls than are remembered: the last ones count, no other lock's. */
START_TEST(very_many_calls_lose_the_oldest)
{
	enum { MANY = 6000 };
	static struct event story[MANY + 3];
	const struct finding *f;

	story[0] = AT(5, ACQUIRE(1, A));
	for (unsigned i = 0; i < MANY; i++)
		story[1 + i] = AT(7, blocked(1, (i + 1) * MS, MS));
	story[MANY + 1] = RELEASE(1, A);
	story[MANY + 2] = WHEN(MANY * MS, WAITED(2, A, 1000 * MS));
	f = only_finding(RUN_BLOCKING(story));

	ck_assert_uint_eq(f->weight, 1000 * MS);
	ck_assert_uint_eq(f->count, 1000);
}
END_TEST

Suite *suite_blocking(void)
{
	Suite *s = suite_create("blocking");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc,
		       wait_for_the_holder_of_a_lock_that_blocks_is_reported);
	tcase_add_test(tc, nobody_waited_nothing_is_reported);
	tcase_add_test(tc, wait_before_or_after_the_call_is_not_its_fault);
	tcase_add_test(tc, lock_given_up_before_the_call_has_no_part_in_it);
	tcase_add_test(tc, each_lock_has_its_own_waiters);
	tcase_add_test(tc, less_than_a_millisecond_in_all_is_no_finding);
	tcase_add_test(tc, calls_of_one_place_are_one_finding);
	tcase_add_test(tc, calls_in_one_hold_are_one_finding);
	tcase_add_test(tc, call_inside_a_call_is_not_counted_twice);
	tcase_add_test(tc, reader_that_blocks_delays_writers_only);
	tcase_add_test(tc, wait_that_timed_out_counts);
	tcase_add_test(tc, wait_that_never_ended_counts);
	tcase_add_test(tc, recursive_lock_is_counted_once);
	tcase_add_test(tc, very_many_calls_lose_the_oldest);
	suite_add_tcase(s, tc);
	return s;
}

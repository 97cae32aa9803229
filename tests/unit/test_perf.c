/* SPDX-License-Identifier: MIT */
/* The smaller rules about what locks cost: each with a twin that is silent. */
#include <errno.h>
#include <string.h>

#include "script.h"
#include "suites.h"

#define US 1000ull
#define MS 1000000ull

enum { MANY = 2400 };

static struct event story[4 * MANY];
static size_t n_told;

static void tell_new(void)
{
	n_told = 0;
}

static void tell_more(struct event ev)
{
	ck_assert_uint_lt(n_told, sizeof(story) / sizeof(story[0]));
	story[n_told++] = ev;
}

static const struct report *told_to(const struct analysis *analysis)
{
	return run_story(analysis, story, n_told, NULL);
}

static void silent(const struct analysis *analysis)
{
	ck_assert_uint_eq(report_n_added(told_to(analysis)), 0);
}

/* Thread 1 (place 5) holds A for ns; thread 2 waits for all of it. */
static uint64_t hold_and_wait(uint64_t now, uint64_t ns)
{
	tell_more(AT(5, WHEN(now, ACQUIRE(1, A))));
	tell_more(WHEN(now, REQUEST(2, A)));
	tell_more(WHEN(now + ns, RELEASE(1, A)));
	tell_more(AT(6, WHEN(now + ns, WAITED(2, A, ns))));
	tell_more(WHEN(now + ns + 1, RELEASE(2, A)));
	return now + ns + 2;
}

/* So many holds of 100 us, then so many of long_ns that are waited for. */
static void tell_holds(unsigned n_short, unsigned n_long, uint64_t long_ns)
{
	uint64_t now = 1;

	tell_new();
	now = hold_and_wait(now, 100 * US);
	for (unsigned i = 0; i < n_short; i++) {
		tell_more(WHEN(now, ACQUIRE(1, A)));
		tell_more(WHEN(now + 100 * US, RELEASE(1, A)));
		now += 200 * US;
	}
	for (unsigned i = 0; i < n_long; i++)
		now = hold_and_wait(now, long_ns);
}

/* Two of a hundred hold it for 5 ms and somebody waits all that time. */
START_TEST(holds_that_are_long_now_and_then)
{
	const struct finding *f;

	tell_holds(98, 2, 5 * MS);
	f = only_finding(told_to(&analysis_perf_wait));
	ck_assert_str_eq(f->rule->id, "perf-long-hold");
	ck_assert_uint_eq(f->object, A);
	ck_assert_uint_eq(f->weight, 10 * MS);
	ck_assert_uint_eq(f->sides[0].stack, 5);
	ck_assert_uint_eq(f->sides[0].thread, 1);
	ck_assert_ptr_nonnull(strstr(f->message, "5.0 ms"));
}
END_TEST

START_TEST(holds_that_are_not_that_long_or_rare_or_waited_for)
{
	uint64_t now;

	tell_holds(98, 2, 900 * US);
	silent(&analysis_perf_wait);
	tell_holds(5, 2, 5 * MS);
	silent(&analysis_perf_wait);

	tell_holds(98, 0, 0);
	now = 100 * MS;
	tell_more(WHEN(now, ACQUIRE(1, A)));
	tell_more(WHEN(now + 5 * MS, RELEASE(1, A)));
	tell_more(WHEN(now + 6 * MS, ACQUIRE(1, A)));
	tell_more(WHEN(now + 12 * MS, RELEASE(1, A)));
	silent(&analysis_perf_wait);
}
END_TEST

/*
 * Three threads take A in turns, the first time for first_ns, each other time
 * for hold_ns, with hand_ns between a release and the next hold.  When one
 * asks, two are before it: the holder and one in the queue; each takes two
 * numbers.
 */
static void tell_convoy_behind(uint64_t first_ns, unsigned n, uint64_t hold_ns,
			       uint64_t hand_ns)
{
	uint64_t now = MS, turn_ns = hold_ns + hand_ns;

	tell_new();
	tell_more(WHEN(now, ACQUIRE(1, A)));
	for (unsigned i = 0; i < n; i++) {
		uint32_t who = 1 + (1 + i) % 3;
		struct event asks = REQUEST(who, A);
		struct event gets;

		/* It asked when the one two before it got the lock. */
		asks.arg = 2 * i;
		tell_more(WHEN(now, asks));
		now += i ? hold_ns : first_ns;
		tell_more(WHEN(now, RELEASE(1 + i % 3, A)));
		now += hand_ns;
		gets = WAITED(who, A, i ? 2 * turn_ns : first_ns + hand_ns);
		gets.seq = 2 * i + 3 + (i ? 1 : 0);
		tell_more(WHEN(now, gets));
	}
	tell_more(WHEN(now + hold_ns, RELEASE(1 + n % 3, A)));
}

static void tell_convoy(unsigned n, uint64_t hold_ns, uint64_t hand_ns)
{
	tell_convoy_behind(hold_ns, n, hold_ns, hand_ns);
}

START_TEST(lock_that_is_handed_from_thread_to_thread)
{
	const struct finding *f;

	tell_convoy(40, 2 * US, 10 * US);
	f = only_finding(told_to(&analysis_perf_wait));
	ck_assert_str_eq(f->rule->id, "perf-convoy");
	ck_assert_uint_eq(f->count, 40);
	ck_assert_uint_eq(f->weight, 40 * 10 * US);
	ck_assert_ptr_nonnull(strstr(f->message, "10 us"));
	ck_assert_ptr_nonnull(strstr(f->message, "2.0 us"));
}
END_TEST

START_TEST(queue_behind_a_long_hold_is_handed_the_lock)
{
	const struct finding *f;

	tell_convoy_behind(500 * US, 40, 2 * US, 10 * US);
	f = only_finding(told_to(&analysis_perf_wait));
	ck_assert_str_eq(f->rule->id, "perf-convoy");
	ck_assert_ptr_nonnull(strstr(f->message, "2.0 us"));
}
END_TEST

START_TEST(lock_that_is_held_for_longer_than_handed_over)
{
	tell_convoy(40, 11 * US, 10 * US);
	silent(&analysis_perf_wait);
	tell_convoy(15, 2 * US, 10 * US);
	silent(&analysis_perf_wait);
}
END_TEST

/* Seven waits of 100 us and one of last_ns. */
static void tell_waits(unsigned n, uint64_t last_ns)
{
	uint64_t now = 1;

	tell_new();
	for (unsigned i = 0; i < n; i++)
		now = hold_and_wait(now, 100 * US);
	hold_and_wait(now, last_ns);
}

START_TEST(wait_that_is_much_longer_than_others)
{
	const struct finding *f;

	tell_waits(7, 60 * MS);
	f = only_finding(told_to(&analysis_perf_wait));
	ck_assert_str_eq(f->rule->id, "perf-starve");
	ck_assert_uint_eq(f->weight, 60 * MS);
	ck_assert_uint_eq(f->sides[0].thread, 2);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_uint_eq(f->sides[0].waits_for, A);

	tell_waits(7, 49 * MS);
	silent(&analysis_perf_wait);
	tell_waits(6, 60 * MS);
	silent(&analysis_perf_wait);
}
END_TEST

/* Thread 2 asks after number 1; thread 1 takes and gives A n times meanwhile.
 */
static void tell_passing(unsigned n, uint64_t wait_ns)
{
	struct event asks = WHEN(1, REQUEST(2, A));
	struct event gets = WHEN(1 + wait_ns, WAITED(2, A, wait_ns));

	tell_new();
	tell_more(ACQUIRE(1, A));
	asks.arg = 1;
	tell_more(asks);
	tell_more(RELEASE(1, A));
	for (unsigned i = 0; i < n; i++) {
		tell_more(ACQUIRE(1, A));
		tell_more(RELEASE(1, A));
	}
	gets.seq = 1 + 1 + 2 * n + 1;
	tell_more(gets);
}

START_TEST(thread_that_is_passed_over)
{
	const struct finding *f;

	tell_passing(100, 10 * MS);
	f = only_finding(told_to(&analysis_perf_wait));
	ck_assert_str_eq(f->rule->id, "perf-starve");
	ck_assert_ptr_nonnull(strstr(f->message, "took it 100 times"));

	tell_passing(99, 10 * MS);
	silent(&analysis_perf_wait);
	tell_passing(100, 9 * MS);
	silent(&analysis_perf_wait);
}
END_TEST

/*
 * n acquisitions of RW by threads 1 and 2; of ten so many write, and so many
 * reads find another reader inside.
 */
static void tell_rwlock(unsigned n, unsigned writes, unsigned together)
{
	tell_new();
	for (unsigned i = 0; i < n; i++) {
		uint32_t who = 1 + i % 2;

		if (i % 10 < writes) {
			tell_more(ACQUIRE(who, RW));
			tell_more(RELEASE(who, RW));
		} else if (i % 10 < writes + together && i + 1 < n) {
			tell_more(ACQUIRE_SHARED(who, RW));
			tell_more(ACQUIRE_SHARED(3 - who, RW));
			tell_more(RELEASE_SHARED(who, RW));
			tell_more(RELEASE_SHARED(3 - who, RW));
			i++;
		} else {
			tell_more(ACQUIRE_SHARED(who, RW));
			tell_more(RELEASE_SHARED(who, RW));
		}
	}
}

/* ANALYSIS, litmus 50 */
START_TEST(rwlock_whose_readers_never_meet)
{
	const struct finding *f;

	tell_rwlock(1000, 1, 0);
	f = only_finding(told_to(&analysis_perf_kind));
	ck_assert_str_eq(f->rule->id, "perf-rw-as-mutex");
	ck_assert_uint_eq(f->weight, 1000);
	ck_assert_ptr_nonnull(strstr(f->message, "none met"));

	tell_rwlock(1000, 6, 2);
	f = only_finding(told_to(&analysis_perf_kind));
	ck_assert_ptr_nonnull(strstr(f->message, "60 %"));
}
END_TEST

START_TEST(rwlock_that_is_one)
{
	tell_rwlock(999, 1, 0);
	silent(&analysis_perf_kind);
	/* A fifth of the acquisitions are pairs: one of nine readers meets. */
	tell_rwlock(1000, 1, 2);
	silent(&analysis_perf_kind);
}
END_TEST

START_TEST(rwlock_that_is_read_for_a_moment)
{
	uint64_t hold_ns = 199;

	for (unsigned round = 0; round < 2; round++, hold_ns++) {
		tell_rwlock(1000, 1, 2);
		for (unsigned i = 0; i < 16; i++) {
			tell_more(WHEN(MS + i * US, ACQUIRE_SHARED(1, RW)));
			tell_more(WHEN(MS + i * US + hold_ns,
				       RELEASE_SHARED(1, RW)));
		}
		ck_assert_uint_eq(report_n_added(told_to(&analysis_perf_kind)),
				  1 - round);
	}
}
END_TEST

/* Threads 1 and 2 take B inside A, n times; the last time in `last`. */
static void tell_nested(unsigned n, uint32_t last)
{
	tell_new();
	for (unsigned i = 0; i < n; i++) {
		uint32_t outer = i == n - 1 ? last : A, who = 1 + i % 2;

		tell_more(ACQUIRE(who, outer));
		tell_more(AT(5, ACQUIRE(who, B)));
		tell_more(RELEASE(who, B));
		tell_more(RELEASE(who, outer));
	}
}

START_TEST(lock_inside_another_one)
{
	const struct finding *f;

	tell_nested(1000, A);
	f = only_finding(told_to(&analysis_perf_kind));
	ck_assert_str_eq(f->rule->id, "perf-overlock");
	ck_assert_uint_eq(f->object, B);
	ck_assert_uint_eq(f->weight, 1000);
	ck_assert_uint_eq(f->sides[0].held[0].object, A);
}
END_TEST

START_TEST(lock_that_is_needed)
{
	struct event wait = WAIT(1, CONDITION);

	tell_nested(1000, C);
	silent(&analysis_perf_kind);
	tell_nested(999, A);
	silent(&analysis_perf_kind);
	wait.other = B;
	tell_nested(1000, A);
	tell_more(wait);
	silent(&analysis_perf_kind);
}
END_TEST

START_TEST(outer_lock_that_is_shared_keeps_nobody_apart)
{
	tell_new();
	for (unsigned i = 0; i < 1000; i++) {
		uint32_t who = 1 + i % 2;

		tell_more(ACQUIRE_SHARED(who, RW));
		tell_more(ACQUIRE(who, B));
		tell_more(RELEASE(who, B));
		tell_more(RELEASE_SHARED(who, RW));
		/* Another reader is inside at times: RW is one. */
		tell_more(ACQUIRE_SHARED(who, RW));
		tell_more(ACQUIRE_SHARED(3 - who, RW));
		tell_more(RELEASE_SHARED(who, RW));
		tell_more(RELEASE_SHARED(3 - who, RW));
	}
	silent(&analysis_perf_kind);
}
END_TEST

static void tell_tries(unsigned n, uint64_t ns, int error)
{
	tell_new();
	tell_more(WHEN(MS, START(2)));
	for (unsigned i = 0; i < n; i++)
		tell_more(AT(5,
			     FLAGGED(CMSHIM_TRY, REQUEST_FAILED(2, A, error))));
	tell_more(WHEN(MS + ns, EXIT(2)));
}

START_TEST(lock_that_is_tried_in_a_loop)
{
	const struct finding *f;

	tell_tries(80, 100 * US, EBUSY);
	f = only_finding(told_to(&analysis_perf_spin));
	ck_assert_str_eq(f->rule->id, "perf-spin");
	ck_assert_uint_eq(f->count, 80);
	ck_assert_uint_eq(f->sides[0].stack, 5);
	ck_assert_uint_eq(f->sides[0].thread, 2);

	tell_tries(80, 101 * US, EBUSY);
	silent(&analysis_perf_spin);
	tell_tries(7, US, EBUSY);
	silent(&analysis_perf_spin);
	tell_tries(80, 100 * US, EDEADLK);
	silent(&analysis_perf_spin);
}
END_TEST

START_TEST(tries_of_two_places_are_no_loop)
{
	tell_new();
	tell_more(WHEN(MS, START(2)));
	for (uint32_t i = 0; i < 80; i++)
		tell_more(AT(5 + i % 2,
			     FLAGGED(CMSHIM_TRY, REQUEST_FAILED(2, A, EBUSY))));
	tell_more(WHEN(MS + US, EXIT(2)));
	silent(&analysis_perf_spin);
}
END_TEST

/* Two locks, taken 1000 times and so many between two stamps, by threads. */
static void tell_line(uint32_t one, uint32_t who_one, uint32_t other,
		      uint32_t who_other, unsigned n, uint64_t other_ns)
{
	tell_new();
	tell_more(WHEN(MS, START(who_one)));
	tell_more(WHEN(other_ns, START(who_other)));
	for (unsigned i = 0; i < 1000; i++) {
		tell_more(ACQUIRE(who_one, one));
		tell_more(RELEASE(who_one, one));
		if (i >= n)
			continue;
		tell_more(ACQUIRE(who_other, other));
		tell_more(RELEASE(who_other, other));
	}
}

/* ANALYSIS, litmus 49: the script's RW and RW2 lie 32 bytes apart. */
START_TEST(two_busy_locks_in_one_line)
{
	const struct finding *f;

	tell_line(RW, 1, RW2, 2, 1000, MS);
	f = only_finding(told_to(&analysis_perf_line));
	ck_assert_str_eq(f->rule->id, "perf-false-sharing");
	ck_assert_uint_eq(f->weight, 1000);
	ck_assert_uint_ne(f->sides[0].thread, f->sides[1].thread);
	ck_assert_ptr_nonnull(strstr(f->message, "32 bytes"));
}
END_TEST

START_TEST(two_locks_that_do_not_meet_in_a_line)
{
	/* one thread; too few; another tenth of a second; another line */
	tell_line(RW, 1, RW2, 1, 1000, MS);
	silent(&analysis_perf_line);
	tell_line(RW, 1, RW2, 2, 999, MS);
	silent(&analysis_perf_line);
	tell_line(RW, 1, RW2, 2, 1000, 150 * MS);
	silent(&analysis_perf_line);
	tell_line(RW, 1, SPIN, 2, 1000, MS);
	silent(&analysis_perf_line);
}
END_TEST

START_TEST(lock_that_two_threads_take_alike_is_nobodys)
{
	tell_line(RW, 1, RW2, 2, 1000, MS);
	for (unsigned i = 0; i < 1000; i++) {
		tell_more(ACQUIRE(3, RW2));
		tell_more(RELEASE(3, RW2));
	}
	silent(&analysis_perf_line);
}
END_TEST

Suite *suite_perf(void)
{
	Suite *s = suite_create("perf");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, holds_that_are_long_now_and_then);
	tcase_add_test(tc, holds_that_are_not_that_long_or_rare_or_waited_for);
	tcase_add_test(tc, lock_that_is_handed_from_thread_to_thread);
	tcase_add_test(tc, queue_behind_a_long_hold_is_handed_the_lock);
	tcase_add_test(tc, lock_that_is_held_for_longer_than_handed_over);
	tcase_add_test(tc, wait_that_is_much_longer_than_others);
	tcase_add_test(tc, thread_that_is_passed_over);
	tcase_add_test(tc, rwlock_whose_readers_never_meet);
	tcase_add_test(tc, rwlock_that_is_one);
	tcase_add_test(tc, rwlock_that_is_read_for_a_moment);
	tcase_add_test(tc, lock_inside_another_one);
	tcase_add_test(tc, lock_that_is_needed);
	tcase_add_test(tc, outer_lock_that_is_shared_keeps_nobody_apart);
	tcase_add_test(tc, lock_that_is_tried_in_a_loop);
	tcase_add_test(tc, tries_of_two_places_are_no_loop);
	tcase_add_test(tc, two_busy_locks_in_one_line);
	tcase_add_test(tc, two_locks_that_do_not_meet_in_a_line);
	tcase_add_test(tc, lock_that_two_threads_take_alike_is_nobodys);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/*
 * Which lock orders that differ another order of the run makes a deadlock of;
 * test_lock_order_model.c tries all orders of small programs.
 *
 * In these stories thread 1 takes A, then B, and thread 2 the other way round;
 * what else they do decides whether both can be between the two.
 */
#include <errno.h>
#include <string.h>

#include "report/report_parts.h"
#include "script.h"
#include "suites.h"

extern const struct analysis analysis_lock_order;

#define NEST(who, outer, inner)                                        \
	ACQUIRE(who, outer), ACQUIRE(who, inner), RELEASE(who, inner), \
		RELEASE(who, outer)
#define SECTION(who, lock) ACQUIRE(who, lock), RELEASE(who, lock)
#define SECTION_SHARED(who, lock) \
	ACQUIRE_SHARED(who, lock), RELEASE_SHARED(who, lock)

/* At one place, however often. */
#define NEST_THERE(who, outer, inner)                               \
	AT(101, ACQUIRE(who, outer)), AT(102, ACQUIRE(who, inner)), \
		RELEASE(who, inner), RELEASE(who, outer)

static const struct finding *only_rule(const struct report *r, const char *rule)
{
	const struct finding *f = only_finding(r);

	ck_assert_str_eq(f->rule->id, rule);
	return f;
}

#define PREDICTED(story) \
	only_rule(RUN(&analysis_lock_order, story), "dl-predicted")
#define POTENTIAL(story) \
	only_rule(RUN(&analysis_lock_order, story), "dl-potential")

START_TEST(plan_says_whom_to_stop_where)
{
	struct event story[] = {
		AT(11, ACQUIRE(2, B)), AT(12, ACQUIRE(2, A)),
		RELEASE(2, A),	       RELEASE(2, B),
		AT(21, ACQUIRE(1, A)), AT(22, ACQUIRE(1, B)),
		RELEASE(1, B),	       RELEASE(1, A),
	};
	const struct finding *f = PREDICTED(story);

	ck_assert_int_eq(f->level, LEVEL_WARNING);
	ck_assert_int_eq(f->tier, TIER_PREDICTED);
	ck_assert_uint_eq(f->n_sides, 2);
	ck_assert_str_eq(f->reproduce,
			 "Stop thread 2 just before the call shown here, the "
			 "1st time, until thread 1 comes to its own the 1st "
			 "time; then let both go on.");
}
END_TEST

/* The first time thread 1 is there thread 2 does not exist. */
START_TEST(plan_counts_the_times_that_a_thread_was_there)
{
	struct event story[] = {
		BEGIN(1, 0),	       AT(21, ACQUIRE(1, A)),
		AT(22, REQUEST(1, B)), AT(22, WAITED(1, B, 1)),
		RELEASE(1, B),	       RELEASE(1, A),
		CREATE(1, 2),	       AT(21, ACQUIRE(1, A)),
		AT(22, ACQUIRE(1, B)), RELEASE(1, B),
		RELEASE(1, A),	       BEGIN(2, 1),
		NEST(2, B, A),
	};

	ck_assert_str_eq(PREDICTED(story)->reproduce,
			 "Stop thread 1 just before the call shown here, the "
			 "2nd time, until thread 2 comes to its own the 1st "
			 "time; then let both go on.");
}
END_TEST

/* litmus 28: what is looked up would be something else. */
START_TEST(a_lookup_has_to_see_what_it_saw)
{
	struct event seen[] = {
		NEST(1, A, B),
		WRITE(1, M, 1, 1),
		READ(2, M, 1, 1),
		NEST(2, B, A),
	};
	struct event not_seen[] = {
		NEST(1, A, B),
		READ(2, M, 0, 0),
		WRITE(1, M, 1, 1),
		NEST(2, B, A),
	};
	struct event both_write[] = {
		NEST(1, A, B),
		WRITE(1, M, 1, 1),
		WRITE(2, M, 2, 2),
		NEST(2, B, A),
	};

	POTENTIAL(seen);
	PREDICTED(not_seen);
	PREDICTED(both_write);
}
END_TEST

START_TEST(sections_on_one_lock_keep_their_order)
{
	struct event after[] = {
		ACQUIRE(1, C), NEST(1, A, B), RELEASE(1, C),
		SECTION(2, C), NEST(2, B, A),
	};
	struct event before[] = {
		SECTION(2, C), NEST(2, B, A), ACQUIRE(1, C),
		NEST(1, A, B), RELEASE(1, C),
	};

	POTENTIAL(after);
	PREDICTED(before);
}
END_TEST

/* litmus 25: the same with a gate that readers share. */
START_TEST(readers_have_no_order_among_themselves)
{
	struct event readers[] = {
		ACQUIRE_SHARED(1, RW), NEST(1, A, B), RELEASE_SHARED(1, RW),
		SECTION_SHARED(2, RW), NEST(2, B, A),
	};
	struct event writer_later[] = {
		ACQUIRE_SHARED(1, RW), NEST(1, A, B), RELEASE_SHARED(1, RW),
		SECTION(2, RW),	       NEST(2, B, A),
	};
	struct event reader_later[] = {
		ACQUIRE(1, RW),	       NEST(1, A, B), RELEASE(1, RW),
		SECTION_SHARED(2, RW), NEST(2, B, A),
	};

	PREDICTED(readers);
	POTENTIAL(writer_later);
	POTENTIAL(reader_later);
}
END_TEST

/* litmus 27 */
START_TEST(rwlocks_are_taken_in_modes_that_exclude)
{
	struct event story[] = {
		ACQUIRE_SHARED(1, RW), ACQUIRE(1, RW2),	       RELEASE(1, RW2),
		RELEASE_SHARED(1, RW), ACQUIRE_SHARED(2, RW2), ACQUIRE(2, RW),
		RELEASE(2, RW),	       RELEASE_SHARED(2, RW2),
	};

	PREDICTED(story);
}
END_TEST

#define HANDED(gives, obtains)                                \
	{                                                     \
		NEST(1, A, B), gives, obtains, NEST(2, B, A), \
	}
#define NOT_HANDED(gives, obtains)                            \
	{                                                     \
		NEST(1, A, B), obtains, gives, NEST(2, B, A), \
	}

START_TEST(what_is_handed_over_comes_after)
{
	struct event sem[] = HANDED(POST(1, SEM), TAKE(2, SEM));
	struct event once[] = HANDED(ONCE_RAN(1, ONCE), ONCE_RETURN(2, ONCE));
	struct event channel[] = HANDED(BEFORE(1, CHANNEL), AFTER(2, CHANNEL));
	struct event made[] = HANDED(INIT(1, SPIN), ACQUIRE(2, SPIN));
	struct event new_map[] = HANDED(NEW(1, N), READ(2, N, 0, 0));
	struct event too_late[] = NOT_HANDED(POST(1, SEM), TAKE(2, SEM));
	struct event elsewhere[] =
		HANDED(BEFORE(1, CHANNEL), ONCE_RETURN(2, ONCE));

	POTENTIAL(sem);
	POTENTIAL(once);
	POTENTIAL(channel);
	POTENTIAL(made);
	POTENTIAL(new_map);
	PREDICTED(too_late);
	PREDICTED(elsewhere);
}
END_TEST

START_TEST(who_is_woken_comes_after_the_signal)
{
	struct event woken[] = {
		WAIT(2, CONDITION), NEST(1, A, B), SIGNAL(1, CONDITION),
		WAKE(2, CONDITION), NEST(2, B, A),
	};
	struct event timed_out[] = {
		WAIT(2, CONDITION),   NEST(1, A, B),
		SIGNAL(1, CONDITION), told_code(WAKE(2, CONDITION), ETIMEDOUT),
		NEST(2, B, A),
	};

	POTENTIAL(woken);
	PREDICTED(timed_out);
}
END_TEST

/* A third thread hands on what thread 1 gave it. */
START_TEST(order_goes_by_way_of_others)
{
	struct event story[] = {
		NEST(1, A, B),	    POST(1, SEM),      TAKE(3, SEM),
		BEFORE(3, CHANNEL), AFTER(2, CHANNEL), NEST(2, B, A),
	};

	POTENTIAL(story);
}
END_TEST

START_TEST(request_that_waited_is_where_it_began_to_wait)
{
	struct event story[] = {
		ACQUIRE(1, A),	 ACQUIRE(3, B), REQUEST(1, B), RELEASE(3, B),
		WAITED(1, B, 5), RELEASE(1, B), RELEASE(1, A), NEST(2, B, A),
	};

	PREDICTED(story);
}
END_TEST

/* The section on C lasts, so that thread 2 comes after it as a whole. */
START_TEST(release_that_failed_ends_no_section)
{
	struct event failed[] = {
		ACQUIRE(1, C), RELEASE(1, C), RELEASE_FAILED(1, C),
		NEST(1, A, B), RELEASE(1, C), SECTION(2, C),
		NEST(2, B, A),
	};
	struct event done[] = {
		SECTION(1, C),
		NEST(1, A, B),
		SECTION(2, C),
		NEST(2, B, A),
	};
	struct event held[] = {
		ACQUIRE(1, C), RELEASE(1, C), RELEASE_FAILED(1, C),
		NEST(1, A, B), NEST(2, B, A), RELEASE(1, C),
	};

	PREDICTED(held);
	POTENTIAL(failed);
	PREDICTED(done);
}
END_TEST

START_TEST(lock_given_up_by_another_thread_orders)
{
	struct event story[] = {
		ACQUIRE(1, C),
		NEST(1, A, B),
		FOREIGN(2, C),
		NEST(2, B, A),
	};

	POTENTIAL(story);
}
END_TEST

START_TEST(nothing_is_predicted_across_missing_events)
{
	struct event gap[] = { NEST(1, A, B), GAP(C), NEST(2, B, A) };
	struct event before[] = { GAP(C), NEST(1, A, B), NEST(2, B, A) };

	POTENTIAL(gap);
	PREDICTED(before);
}
END_TEST

/* The lock is held by thread 1 when the window begins. */
START_TEST(what_is_held_before_a_window_is_held_in_it)
{
	struct event story[] = {
		ACQUIRE(1, C), GAP(SEM),      NEST(1, A, B),
		RELEASE(1, C), SECTION(2, C), NEST(2, B, A),
	};
	struct event reader[] = {
		ACQUIRE_SHARED(1, RW), GAP(SEM),
		NEST(1, A, B),	       RELEASE_SHARED(1, RW),
		SECTION_SHARED(2, RW), NEST(2, B, A),
	};

	POTENTIAL(story);
	PREDICTED(reader);
}
END_TEST

/* Neither of the threads of the circle: thread 3 can give it up only later. */
START_TEST(what_a_third_thread_holds_before_a_window_is_held_in_it)
{
	struct event story[] = {
		ACQUIRE(3, C), GAP(ONCE),     NEST(1, A, B), POST(1, SEM),
		TAKE(3, SEM),  RELEASE(3, C), SECTION(2, C), NEST(2, B, A),
	};

	POTENTIAL(story);
}
END_TEST

START_TEST(try_at_the_same_place_cannot_wait)
{
	struct event story[] = {
		ACQUIRE(2, B),	       AT(22, TRIED(ACQUIRE(2, A))),
		RELEASE(2, A),	       RELEASE(2, B),
		NEST(1, A, B),	       POST(1, SEM),
		TAKE(2, SEM),	       ACQUIRE(2, B),
		AT(22, ACQUIRE(2, A)), RELEASE(2, A),
		RELEASE(2, B),
	};

	POTENTIAL(story);
}
END_TEST

START_TEST(doubts_make_it_a_note)
{
	struct event story[] = {
		NEST(1, A, B),
		NEST(2, B, A),
		WAIT(3, FUTEX),
		WAKE(3, FUTEX),
	};
	const struct finding *f = PREDICTED(story);

	ck_assert_int_eq(f->level, LEVEL_NOTE);
	ck_assert_ptr_nonnull(strstr(f->message, "futex"));
}
END_TEST

/* In a window of its own neither meets the other, but the third time both are
   in one. */
START_TEST(long_traces_are_looked_at_in_windows)
{
	static const struct second_limits small = {
		.window = 8,
		.n_windows = 100,
		.n_events = 1000,
		.n_searched = 100000,
	};
	const struct setting setting = { .limits = &small };
	struct event apart[] = {
		NEST_THERE(1, A, B), SECTION(1, C), SECTION(1, C),
		SECTION(1, C),	     NEST(2, B, A),
	};
	struct event together[] = {
		NEST_THERE(1, A, B), SECTION(1, C), SECTION(1, C),
		NEST_THERE(1, A, B), NEST(2, B, A),
	};

	only_rule(RUN_IN(&analysis_lock_order, apart, &setting),
		  "dl-potential");
	only_rule(RUN_IN(&analysis_lock_order, together, &setting),
		  "dl-predicted");
	PREDICTED(apart);
}
END_TEST

static size_t n_notes(const struct report *r)
{
	size_t n = 0;

	for (size_t i = 0; i < report_n_added(r); i++)
		n += report_added(r, i)->level == LEVEL_NOTE &&
		     strstr(report_added(r, i)->message, "too long") != NULL;
	return n;
}

START_TEST(search_that_is_given_up_is_said)
{
	static const struct second_limits few[] = {
		{ 8, 1, 1000, 100000 },
		{ 100, 100, 8, 100000 },
		{ 100, 100, 1000, 0 },
	};
	struct event story[] = {
		NEST_THERE(1, A, B), SECTION(1, C), SECTION(1, C),
		NEST_THERE(1, A, B), NEST(2, B, A),
	};
	struct setting setting = { .limits = &few[0] };

	ck_assert_uint_eq(n_notes(RUN(&analysis_lock_order, story)), 0);
	for (size_t i = 0; i < 3; i++) {
		setting.limits = &few[i];
		ck_assert_uint_eq(
			n_notes(RUN_IN(&analysis_lock_order, story, &setting)),
			1);
	}
}
END_TEST

Suite *suite_reorder(void)
{
	Suite *s = suite_create("reorder");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, plan_says_whom_to_stop_where);
	tcase_add_test(tc, plan_counts_the_times_that_a_thread_was_there);
	tcase_add_test(tc, a_lookup_has_to_see_what_it_saw);
	tcase_add_test(tc, sections_on_one_lock_keep_their_order);
	tcase_add_test(tc, readers_have_no_order_among_themselves);
	tcase_add_test(tc, rwlocks_are_taken_in_modes_that_exclude);
	tcase_add_test(tc, what_is_handed_over_comes_after);
	tcase_add_test(tc, who_is_woken_comes_after_the_signal);
	tcase_add_test(tc, order_goes_by_way_of_others);
	tcase_add_test(tc, request_that_waited_is_where_it_began_to_wait);
	tcase_add_test(tc, release_that_failed_ends_no_section);
	tcase_add_test(tc, lock_given_up_by_another_thread_orders);
	tcase_add_test(tc, nothing_is_predicted_across_missing_events);
	tcase_add_test(tc, what_is_held_before_a_window_is_held_in_it);
	tcase_add_test(tc,
		       what_a_third_thread_holds_before_a_window_is_held_in_it);
	tcase_add_test(tc, try_at_the_same_place_cannot_wait);
	tcase_add_test(tc, doubts_make_it_a_note);
	tcase_add_test(tc, long_traces_are_looked_at_in_windows);
	tcase_add_test(tc, search_that_is_given_up_is_said);
	suite_add_tcase(s, tc);
	return s;
}

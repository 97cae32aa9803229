/* SPDX-License-Identifier: MIT */
/*
 * Races and deadlocks of STD traces, told as stories: a word an event, as in
 * the text format but for the T and the place.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "std/predict.h"
#include "suites.h"

static struct prediction told_within(const char *story, uint64_t max_steps)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct std_trace trace;
	struct prediction p;

	ck_assert_ptr_nonnull(out);
	while (*story) {
		int n = (int)strcspn(story, " ");

		fprintf(out, "T%.*s|0\n", n, story);
		story += n;
		story += strspn(story, " ");
	}
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_msg(std_read_memory(&trace, text, size) == 0, "line %zu: %s",
		      trace.fault_line, trace.fault);
	p = predict(&trace, max_steps);
	std_release(&trace);
	free(text);
	return p;
}

static struct prediction told(const char *story)
{
	return told_within(story, PREDICT_MAX_STEPS);
}

static void check_races(const char *story, uint64_t hb_pairs, uint64_t sp_vars)
{
	struct prediction p = told(story);

	ck_assert_uint_eq(p.hb_racy_pairs, hb_pairs);
	ck_assert_uint_eq(p.sync_preserving_racy_vars, sp_vars);
	ck_assert_uint_eq(p.violations, 0);
}

static void check_deadlocks(const char *story, uint64_t abstract,
			    uint64_t reached)
{
	struct prediction p = told(story);

	ck_assert_uint_eq(p.abstract_deadlocks, abstract);
	ck_assert_uint_eq(p.sync_preserving_deadlocks, reached);
	ck_assert_uint_eq(p.violations, 0);
}

START_TEST(writes_of_two_threads_race)
{
	check_races("1|w(m) 2|w(m)", 1, 1);
}
END_TEST

START_TEST(reads_do_not_race)
{
	check_races("1|r(m) 2|r(m)", 0, 0);
	check_races("1|r(m) 2|w(m)", 1, 1);
}
END_TEST

START_TEST(accesses_under_one_lock_do_not_race)
{
	check_races("1|acq(l) 1|w(m) 1|rel(l) 2|acq(l) 2|w(m) 2|rel(l)", 0, 0);
}
END_TEST

START_TEST(accesses_under_two_locks_race)
{
	check_races("1|acq(a) 1|w(m) 1|rel(a) 2|acq(b) 2|w(m) 2|rel(b)", 1, 1);
}
END_TEST

START_TEST(order_by_an_unrelated_lock_is_chance)
{
	check_races("1|w(m) 1|acq(a) 1|rel(a) 2|acq(a) 2|rel(a) 2|w(m)", 0, 1);
}
END_TEST

START_TEST(but_not_if_a_value_went_with_it)
{
	check_races("1|w(m) 1|acq(a) 1|w(n) 1|rel(a) "
		    "2|acq(a) 2|r(n) 2|rel(a) 2|w(m)",
		    0, 0);
}
END_TEST

START_TEST(sections_of_one_lock_keep_their_order)
{
	check_races("1|acq(l) 1|w(m) 1|rel(l) 2|acq(l) 2|rel(l) 2|w(m)", 0, 0);
}
END_TEST

START_TEST(fork_and_join_order)
{
	check_races("1|w(m) 1|fork(T2) 2|w(m) 1|join(T2) 1|r(m)", 0, 0);
	check_races("1|fork(T2) 2|w(m) 1|r(m)", 1, 1);
	check_races("1|fork(T2) 1|w(m) 2|r(m) 1|join(T2)", 1, 1);
}
END_TEST

/* It began after what its maker had done, and had ended before the join. */
START_TEST(a_thread_without_events_orders_as_well)
{
	check_races("1|w(m) 1|fork(T2) 3|join(T2) 3|r(m)", 0, 0);
	check_races("2|w(n) 1|w(m) 1|fork(T2) 3|join(T2) 3|r(m)", 0, 0);
	check_races("1|fork(T2) 1|w(m) 3|join(T2) 3|r(m)", 1, 1);
	check_deadlocks("1|acq(a) 1|acq(b) 1|rel(b) 1|rel(a) 1|fork(T2) "
			"3|join(T2) 3|acq(b) 3|acq(a)",
			1, 0);
	check_deadlocks("1|fork(T2) 1|acq(a) 1|acq(b) 1|rel(b) 1|rel(a) "
			"3|join(T2) 3|acq(b) 3|acq(a)",
			1, 1);
}
END_TEST

/* T2 begins after T1 took the lock, and T1 took it after T3 gave it back. */
START_TEST(a_fork_in_a_section_keeps_its_place)
{
	check_races("3|acq(l) 3|w(m) 3|rel(l) 1|acq(l) 1|fork(T2) 1|rel(l) "
		    "2|w(m)",
		    0, 0);
	check_races("3|acq(l) 3|w(m) 3|rel(l) 1|acq(l) 1|rel(l) 1|fork(T2) "
		    "2|w(m)",
		    0, 0);
	check_races("3|w(m) 3|acq(l) 3|rel(l) 1|acq(l) 1|fork(T2) 1|rel(l) "
		    "2|w(m)",
		    0, 1);
}
END_TEST

/* Of T1's two reads and a write, the write races with T2's read, all three
   with T2's write. */
START_TEST(every_pair_counts)
{
	struct prediction p = told("1|r(m) 1|w(m) 1|r(m) 2|r(m) 2|w(m) 2|w(n)");

	ck_assert_uint_eq(p.hb_racy_pairs, 1 + 3);
	ck_assert_uint_eq(p.hb_racy_events, 2);
	ck_assert_uint_eq(p.hb_racy_vars, 1);
	ck_assert_uint_eq(p.sync_preserving_racy_vars, 1);
}
END_TEST

/* T3 has to come after T1 through the release before the last. */
START_TEST(any_earlier_release_orders)
{
	check_races("1|acq(l) 1|w(m) 1|rel(l) 2|acq(l) 2|rel(l) "
		    "3|acq(l) 3|w(m) 3|rel(l)",
		    0, 0);
}
END_TEST

START_TEST(opposite_orders_deadlock)
{
	check_deadlocks("1|acq(a) 1|acq(b) 1|rel(b) 1|rel(a) "
			"2|acq(b) 2|acq(a) 2|rel(a) 2|rel(b)",
			1, 1);
}
END_TEST

START_TEST(a_gate_prevents_it)
{
	check_deadlocks("1|acq(g) 1|acq(a) 1|acq(b) 1|rel(b) 1|rel(a) 1|rel(g) "
			"2|acq(g) 2|acq(b) 2|acq(a) 2|rel(a) 2|rel(b) 2|rel(g)",
			0, 0);
}
END_TEST

START_TEST(a_thread_made_later_does_not_deadlock)
{
	check_deadlocks("1|acq(a) 1|acq(b) 1|rel(b) 1|rel(a) 1|fork(T2) "
			"2|acq(b) 2|acq(a) 2|rel(a) 2|rel(b)",
			1, 0);
	check_deadlocks("1|fork(T2) 2|acq(b) 2|acq(a) 2|rel(a) 2|rel(b) "
			"1|join(T2) 1|acq(a) 1|acq(b) 1|rel(b) 1|rel(a)",
			1, 0);
}
END_TEST

START_TEST(a_value_that_was_read_may_refute_it)
{
	check_deadlocks("1|acq(a) 1|acq(b) 1|w(m) 1|rel(b) 1|rel(a) "
			"2|r(m) 2|acq(b) 2|acq(a) 2|rel(a) 2|rel(b)",
			1, 0);
	/* One that is written before does not. */
	check_deadlocks("1|w(m) 1|acq(a) 1|acq(b) 1|rel(b) 1|rel(a) "
			"2|r(m) 2|acq(b) 2|acq(a) 2|rel(a) 2|rel(b)",
			1, 1);
}
END_TEST

/* T2 takes c only after T1, and T1 has done its part by then. */
START_TEST(the_order_of_sections_may_refute_it)
{
	check_deadlocks("1|acq(c) 1|acq(a) 1|acq(b) 1|rel(b) 1|rel(a) 1|rel(c) "
			"2|acq(c) 2|rel(c) 2|acq(b) 2|acq(a) 2|rel(a) 2|rel(b)",
			1, 0);
	check_deadlocks("1|acq(a) 1|acq(b) 1|rel(b) 1|rel(a) 1|acq(c) 1|rel(c) "
			"2|acq(c) 2|rel(c) 2|acq(b) 2|acq(a) 2|rel(a) 2|rel(b)",
			1, 1);
}
END_TEST

/* The first time T2 does it T1 cannot be there yet; the second time it can. */
START_TEST(every_instance_is_tried)
{
	check_deadlocks("2|acq(b) 2|acq(a) 2|rel(a) 2|rel(b) 2|w(m) "
			"1|r(m) 1|acq(a) 1|acq(b) 1|rel(b) 1|rel(a) "
			"2|acq(b) 2|acq(a) 2|rel(a) 2|rel(b)",
			1, 1);
}
END_TEST

#define ORDER(who, one, two)                                            \
#who "|acq(" #one ") " #who "|acq(" #two ") " #who "|rel(" #two \
	     ") " #who "|rel(" #one ") "

START_TEST(cycles_of_three_and_four_count_of_five_not)
{
	check_deadlocks(ORDER(1, a, b) ORDER(2, b, c) ORDER(3, c, a), 1, 1);
	check_deadlocks(ORDER(1, a, b) ORDER(2, b, c) ORDER(3, c, d)
				ORDER(4, d, a),
			1, 1);
	check_deadlocks(ORDER(1, a, b) ORDER(2, b, c) ORDER(3, c, d)
				ORDER(4, d, e) ORDER(5, e, a),
			0, 0);
}
END_TEST

START_TEST(one_thread_alone_has_no_deadlock)
{
	check_deadlocks(ORDER(1, a, b) ORDER(1, b, a), 0, 0);
	check_deadlocks(ORDER(1, a, b) ORDER(2, b, c) ORDER(1, c, a), 0, 0);
}
END_TEST

START_TEST(the_same_again_is_the_same_deadlock)
{
	check_deadlocks(ORDER(1, a, b) ORDER(1, a, b) ORDER(2, b, a)
				ORDER(2, b, a),
			1, 1);
}
END_TEST

/* The lock that T1 holds beside makes it another abstract acquire. */
START_TEST(other_locks_held_tell_acquires_apart)
{
	check_deadlocks(ORDER(1, a, b) "1|acq(c) " ORDER(
				1, a, b) "1|rel(c) " ORDER(2, b, a),
			2, 2);
}
END_TEST

/* A deadlock that happened: nobody got the second lock. */
START_TEST(requests_stand_for_acquires)
{
	check_deadlocks("1|req(a) 1|acq(a) 2|req(b) 2|acq(b) 1|req(b) 2|req(a)",
			1, 1);
}
END_TEST

START_TEST(with_requests_acquires_without_do_not_count)
{
	struct prediction p = told(ORDER(1, a, b) ORDER(2, b, a) "3|req(z)");

	ck_assert_uint_eq(p.abstract_deadlocks, 0);
	ck_assert_uint_eq(p.lockgraph_edges, 2);
}
END_TEST

START_TEST(edges_are_of_all_locks_held)
{
	struct prediction p = told("1|acq(a) 1|acq(b) 1|acq(c) 1|rel(c) "
				   "1|rel(b) 1|req(b) 2|acq(a) 2|acq(b)");

	/* a-b, a-c, b-c; T2 took a while T1 held it. */
	ck_assert_uint_eq(p.lockgraph_edges, 3);
	ck_assert_uint_eq(p.violations, 1);
}
END_TEST

/* What T2 does under the inner acquire's release would else be free. */
START_TEST(acquires_of_what_is_held_count_for_nothing)
{
	struct prediction p = told("1|req(a) 1|acq(a) 1|req(a) 1|acq(a) "
				   "1|rel(a) 1|w(m) 1|rel(a) "
				   "2|req(a) 2|acq(a) 2|w(m) 2|rel(a)");

	ck_assert_uint_eq(p.lockgraph_edges, 0);
	ck_assert_uint_eq(p.hb_racy_pairs, 0);
	ck_assert_uint_eq(p.sync_preserving_racy_vars, 0);
	ck_assert_uint_eq(p.violations, 0);
}
END_TEST

START_TEST(an_inner_release_orders_nothing)
{
	struct prediction p = told("1|acq(a) 1|acq(a) 1|w(m) 1|rel(a) "
				   "2|acq(a) 2|w(m) 2|rel(a) 1|rel(a)");

	ck_assert_uint_eq(p.hb_racy_pairs, 1);
	ck_assert_uint_eq(p.violations, 2); /* T2 takes it, T1 ends without */
}
END_TEST

START_TEST(broken_discipline_is_counted)
{
	ck_assert_uint_eq(told("1|rel(a)").violations, 1);
	ck_assert_uint_eq(told("1|acq(a) 2|rel(a) 1|rel(a)").violations, 1);
	ck_assert_uint_eq(told("1|acq(a) 2|acq(a) 2|rel(a)").violations, 1);
	ck_assert_uint_eq(
		told("1|acq(a) 1|acq(a) 1|rel(a) 2|acq(a)").violations, 1);
	ck_assert_uint_eq(told("1|acq(a) 1|rel(a) 2|acq(a)").violations, 0);
}
END_TEST

START_TEST(nonsense_is_survived)
{
	told("1|fork(T1) 1|join(T1) 1|w(m) 1|fork(T1)");
	told("2|w(m) 1|fork(T2) 1|fork(T2) 2|r(m) 1|join(T3) 3|w(m)");
	told("1|join(T2) 2|join(T1) 1|acq(a) 2|acq(a) 1|acq(b) 2|acq(b)");
	ck_assert_uint_eq(told("").hb_racy_pairs, 0);
}
END_TEST

/* A fork orders what comes after it, also if the thread was there before. */
START_TEST(a_late_fork_orders_what_follows)
{
	check_races("2|w(n) 1|w(m) 1|fork(T2) 2|w(m)", 0, 0);
	check_races("2|w(m) 1|w(m) 1|fork(T2) 2|w(n)", 1, 1);
}
END_TEST

/* Two races and a deadlock, and then so many events of a third thread. */
static struct prediction told_at_length(size_t n)
{
	static const char beginning[] =
		ORDER(1, a, b) ORDER(2, b, a) "1|w(m) 2|w(m) 1|w(n) 2|w(n)";
	size_t n_beginning = 12, bytes = sizeof(beginning) + 8 * n;
	char *story = calloc(bytes, 1);
	struct prediction p;

	ck_assert_ptr_nonnull(story);
	strcpy(story, beginning);
	for (size_t i = n_beginning; i < n; i++)
		strcpy(story + sizeof(beginning) - 1 + 7 * (i - n_beginning),
		       " 3|w(o)");
	p = told_within(story, 0);
	free(story);
	return p;
}

START_TEST(steps_are_counted_in_long_traces_only)
{
	struct prediction p = told_at_length(PREDICT_EXACT);

	ck_assert_uint_eq(p.sync_preserving_racy_vars, 2);
	ck_assert_uint_eq(p.lockgraph_edges, 2);
	ck_assert_uint_eq(p.abstract_deadlocks, 1);
	ck_assert_uint_eq(p.sync_preserving_deadlocks, 1);

	p = told_at_length(PREDICT_EXACT + 1);
	ck_assert_uint_eq(p.sync_preserving_racy_vars, PREDICT_UNKNOWN);
	ck_assert_uint_eq(p.lockgraph_edges, PREDICT_UNKNOWN);
	ck_assert_uint_eq(p.abstract_deadlocks, PREDICT_UNKNOWN);
	ck_assert_uint_eq(p.sync_preserving_deadlocks, PREDICT_UNKNOWN);
	ck_assert_uint_eq(p.hb_racy_pairs, 2);
	ck_assert_uint_eq(p.hb_racy_vars, 2);
	ck_assert_uint_eq(p.violations, 0);
}
END_TEST

Suite *suite_predict(void)
{
	Suite *s = suite_create("predict");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, writes_of_two_threads_race);
	tcase_add_test(tc, reads_do_not_race);
	tcase_add_test(tc, accesses_under_one_lock_do_not_race);
	tcase_add_test(tc, accesses_under_two_locks_race);
	tcase_add_test(tc, order_by_an_unrelated_lock_is_chance);
	tcase_add_test(tc, but_not_if_a_value_went_with_it);
	tcase_add_test(tc, sections_of_one_lock_keep_their_order);
	tcase_add_test(tc, fork_and_join_order);
	tcase_add_test(tc, a_thread_without_events_orders_as_well);
	tcase_add_test(tc, a_fork_in_a_section_keeps_its_place);
	tcase_add_test(tc, every_pair_counts);
	tcase_add_test(tc, any_earlier_release_orders);
	tcase_add_test(tc, opposite_orders_deadlock);
	tcase_add_test(tc, a_gate_prevents_it);
	tcase_add_test(tc, a_thread_made_later_does_not_deadlock);
	tcase_add_test(tc, a_value_that_was_read_may_refute_it);
	tcase_add_test(tc, the_order_of_sections_may_refute_it);
	tcase_add_test(tc, every_instance_is_tried);
	tcase_add_test(tc, cycles_of_three_and_four_count_of_five_not);
	tcase_add_test(tc, one_thread_alone_has_no_deadlock);
	tcase_add_test(tc, the_same_again_is_the_same_deadlock);
	tcase_add_test(tc, other_locks_held_tell_acquires_apart);
	tcase_add_test(tc, requests_stand_for_acquires);
	tcase_add_test(tc, with_requests_acquires_without_do_not_count);
	tcase_add_test(tc, edges_are_of_all_locks_held);
	tcase_add_test(tc, acquires_of_what_is_held_count_for_nothing);
	tcase_add_test(tc, an_inner_release_orders_nothing);
	tcase_add_test(tc, broken_discipline_is_counted);
	tcase_add_test(tc, nonsense_is_survived);
	tcase_add_test(tc, a_late_fork_orders_what_follows);
	tcase_add_test(tc, steps_are_counted_in_long_traces_only);
	suite_add_tcase(s, tc);
	return s;
}

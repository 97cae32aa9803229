/* SPDX-License-Identifier: MIT */
/* Overlaps of map calls, told one by one; test_overlap_model.c does many. */
#include <string.h>

#include "script.h"
#include "suites.h"

#define OVERLAPPED(ev) FLAGGED(CMSHIM_OVERLAP, ev)

static void assert_sides(const struct finding *f, uint32_t map,
			 uint32_t first_stack, uint32_t second_stack)
{
	ck_assert_str_eq(f->rule->id, "map-race-overlap");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_int_eq(f->tier, TIER_OVERLAP);
	ck_assert_uint_eq(f->object, map);
	ck_assert_uint_eq(f->n_sides, 2);
	ck_assert_uint_eq(f->sides[0].stack, first_stack);
	ck_assert_uint_eq(f->sides[1].stack, second_stack);
}

START_TEST(read_that_enters_during_a_write_is_proved)
{
	struct event story[] = {
		AT(7, WRITE(1, M, 1, 1)),
		OVERLAPPED(AT(8, ENTER_READ(2, M, 1))),
		LEAVE(2, M, 1),
	};
	const struct finding *f = only_finding(RUN(&analysis_overlap, story));

	assert_sides(f, M, 7, 8);
	ck_assert_str_eq(f->sides[0].role, "wrote");
	ck_assert_uint_eq(f->sides[0].thread, 1);
	ck_assert_uint_eq(f->sides[0].call, INSERT);
	ck_assert_uint_eq(f->sides[0].write_number, 1);
	ck_assert_str_eq(f->sides[1].role, "read");
	ck_assert_uint_eq(f->sides[1].thread, 2);
	ck_assert_uint_eq(f->sides[1].call, LOOKUP);
}
END_TEST

START_TEST(write_that_enters_during_a_write_is_proved)
{
	struct event story[] = {
		AT(7, WRITE(1, M, 1, 2)),
		OVERLAPPED(AT(8, ENTER_WRITE(2, M, 2))),
		LEAVE(2, M, 2),
	};

	assert_sides(only_finding(RUN(&analysis_overlap, story)), M, 7, 8);
}
END_TEST

START_TEST(write_that_enters_during_a_read_is_proved)
{
	struct event story[] = {
		AT(7, WRITE(1, M, 1, 1)),
		AT(8, READ(2, M, 1, 2)),
		AT(9, WRITE(1, M, 2, 2)),
	};

	assert_sides(only_finding(RUN(&analysis_overlap, story)), M, 9, 8);
}
END_TEST

START_TEST(reads_may_come_long_after_the_writes)
{
	struct event story[] = {
		AT(7, WRITE(1, M, 1, 1)), AT(9, WRITE(1, M, 2, 2)),
		AT(9, WRITE(1, M, 3, 3)), AT(7, WRITE(1, M, 4, 4)),
		AT(8, READ(2, M, 1, 2)),
	};

	assert_sides(only_finding(RUN(&analysis_overlap, story)), M, 9, 8);
}
END_TEST

START_TEST(calls_one_after_the_other_are_no_overlap)
{
	struct event story[] = {
		WRITE(1, M, 1, 1), WRITE(2, M, 2, 2), READ(1, M, 2, 2),
		READ(2, M, 2, 2),  WRITE(2, M, 3, 3),
	};

	ck_assert_uint_eq(report_n_added(RUN(&analysis_overlap, story)), 0);
}
END_TEST

START_TEST(maps_do_not_mix)
{
	struct event story[] = {
		WRITE(1, M, 1, 1), ENTER_WRITE(1, N, 1), ENTER_READ(2, M, 1),
		LEAVE(2, M, 1),	   LEAVE(1, N, 1),
	};

	ck_assert_uint_eq(report_n_added(RUN(&analysis_overlap, story)), 0);
}
END_TEST

START_TEST(thread_does_not_race_with_its_own_handler)
{
	struct event story[] = {
		ENTER_WRITE(1, M, 1),
		FLAGGED(CMSHIM_INNER | CMSHIM_OVERLAP, READ(1, M, 1, 1)),
		FLAGGED(CMSHIM_INNER | CMSHIM_OVERLAP, WRITE(1, M, 2, 2)),
		LEAVE(1, M, 2),
	};

	ck_assert_uint_eq(report_n_added(RUN(&analysis_overlap, story)), 0);
}
END_TEST

START_TEST(map_that_locks_itself_is_counted_only)
{
	struct event story[] = {
		WRITE(1, SAFE_MAP, 1, 2),
		OVERLAPPED(WRITE(2, SAFE_MAP, 2, 2)),
		OVERLAPPED(READ(3, SAFE_MAP, 2, 2)),
	};
	const struct report *r = RUN(&analysis_overlap, story);

	ck_assert_uint_eq(report_n_added(r), 0);
	ck_assert_uint_eq(usage_of_map(r, SAFE_MAP)->writes, 2);
	ck_assert_uint_eq(usage_of_map(r, SAFE_MAP)->reads, 1);
	ck_assert_uint_eq(usage_of_map(r, SAFE_MAP)->n_threads, 3);
	ck_assert_uint_eq(usage_of_map(r, SAFE_MAP)->overlaps, 0);
}
END_TEST

START_TEST(locks_of_both_sides_are_shown)
{
	struct event story[] = {
		AT(3, ACQUIRE(1, A)),
		AT(4, ACQUIRE_SHARED(1, RW)),
		WRITE(1, M, 1, 2),
		RELEASE_SHARED(1, RW),
		RELEASE(1, A),
		AT(5, ACQUIRE_SHARED(2, RW)),
		OVERLAPPED(WRITE(2, M, 2, 2)),
	};
	const struct finding *f = only_finding(RUN(&analysis_overlap, story));

	ck_assert_uint_eq(f->sides[0].n_held, 2);
	ck_assert_uint_eq(f->sides[0].held[0].object, A);
	ck_assert_uint_eq(f->sides[0].held[0].stack, 3);
	ck_assert(!f->sides[0].held[0].shared);
	ck_assert_uint_eq(f->sides[0].held[1].object, RW);
	ck_assert_uint_eq(f->sides[0].held[1].stack, 4);
	ck_assert(f->sides[0].held[1].shared);
	ck_assert_uint_eq(f->sides[1].n_held, 1);
	ck_assert_uint_eq(f->sides[1].held[0].stack, 5);
}
END_TEST

START_TEST(same_places_are_one_finding)
{
	struct event story[] = {
		AT(7, WRITE(1, M, 1, 2)), AT(8, WRITE(2, M, 2, 2)),
		AT(8, WRITE(2, M, 3, 4)), AT(7, WRITE(1, M, 4, 4)),
		AT(7, WRITE(3, M, 5, 6)), AT(8, WRITE(4, M, 6, 6)),
	};
	const struct report *r = RUN(&analysis_overlap, story);
	const struct finding *f = only_finding(r);

	assert_sides(f, M, 7, 8);
	ck_assert_uint_eq(f->count, 3);
	ck_assert_uint_eq(f->sides[0].thread, 1);
	ck_assert_uint_eq(f->sides[0].write_number, 1);
	ck_assert_uint_eq(f->sides[1].write_number, 2);
	ck_assert_uint_eq(usage_of_map(r, M)->overlaps, 3);
	ck_assert_uint_eq(usage_of_map(r, M)->writes, 6);
	ck_assert_uint_eq(usage_of_map(r, M)->n_threads, 4);
}
END_TEST

START_TEST(other_places_are_another_finding)
{
	struct event story[] = {
		AT(7, WRITE(1, M, 1, 2)),
		AT(8, WRITE(2, M, 2, 2)),
		AT(7, WRITE(1, M, 3, 4)),
		AT(9, WRITE(2, M, 4, 4)),
	};

	ck_assert_uint_eq(report_n_added(RUN(&analysis_overlap, story)), 2);
}
END_TEST

START_TEST(long_call_pairs_with_each_write_that_entered)
{
	struct event story[] = {
		AT(8, WRITE(2, M, 1, 1)), AT(8, WRITE(2, M, 2, 2)),
		AT(8, WRITE(2, M, 3, 3)), AT(9, WRITE(1, M, 4, 4)),
		AT(8, WRITE(2, M, 5, 5)), AT(7, READ(1, M, 1, 5)),
	};
	const struct finding *f = only_finding(RUN(&analysis_overlap, story));

	/* 2, 3 and 5: number 4 is a write of the reader's own. */
	assert_sides(f, M, 8, 7);
	ck_assert_uint_eq(f->count, 3);
}
END_TEST

START_TEST(partner_without_record_is_no_proof)
{
	struct event story[] = { OVERLAPPED(READ(2, M, 1, 1)) };
	struct event ended[] = { READ(2, M, 1, 2), WRITE(1, M, 1, 1) };

	ck_assert_uint_eq(report_n_added(RUN(&analysis_overlap, story)), 0);
	ck_assert_uint_eq(report_n_added(RUN(&analysis_overlap, ended)), 0);
}
END_TEST

START_TEST(partner_without_record_is_told_beside_a_proven_one)
{
	struct event story[] = {
		WRITE(1, M, 1, 2),
		WRITE(2, M, 2, 2),
		READ(2, M, 2, 3),
	};
	const struct finding *f = only_finding(RUN(&analysis_overlap, story));

	ck_assert_ptr_nonnull(strstr(f->message, "; 1 more"));
}
END_TEST

/* 1 is inside while 2 enters and leaves; then, or not, the read. */
START_TEST(read_that_met_one_of_two_writes_names_both)
{
	struct event story[] = {
		AT(7, WRITE(1, M, 1, 2)),
		AT(8, OVERLAPPED(WRITE(2, M, 2, 2))),
		AT(9, OVERLAPPED(READ(3, M, 2, 2))),
	};
	const struct report *r = RUN(&analysis_overlap, story);
	const struct finding *f = NULL;

	ck_assert_uint_eq(report_n_added(r), 2);
	for (size_t i = 0; i < 2; i++)
		if (report_added(r, i)->n_sides == 3)
			f = report_added(r, i);
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(f->sides[0].stack, 9);
	ck_assert_uint_eq(f->sides[1].stack + f->sides[2].stack, 7 + 8);
	ck_assert_str_eq(f->sides[1].role, "may have been the write");
}
END_TEST

/* 1 was still inside when 3 entered, which was after the read. */
START_TEST(write_that_outlives_the_next_entry_was_met)
{
	struct event story[] = {
		AT(7, WRITE(1, M, 1, 3)),
		AT(8, OVERLAPPED(WRITE(2, M, 2, 2))),
		AT(8, OVERLAPPED(WRITE(2, M, 3, 3))),
		AT(9, OVERLAPPED(READ(3, M, 2, 2))),
	};
	const struct report *r = RUN(&analysis_overlap, story);
	bool found = false;

	ck_assert_uint_eq(report_n_added(r), 2);
	for (size_t i = 0; i < 2; i++)
		found |= report_added(r, i)->sides[0].stack == 7 &&
			 report_added(r, i)->sides[1].stack == 9;
	ck_assert(found);
}
END_TEST

START_TEST(read_waits_for_the_end_of_a_write_that_it_may_have_met)
{
	struct event story[] = {
		AT(7, ENTER_WRITE(1, M, 1)),
		AT(9, OVERLAPPED(READ(2, M, 1, 1))),
		AT(8, OVERLAPPED(WRITE(3, M, 2, 2))),
		LEAVE(1, M, 2),
	};

	ck_assert_uint_eq(report_n_added(RUN(&analysis_overlap, story)), 2);
}
END_TEST

START_TEST(abandoned_call_proves_nothing_after_its_entry)
{
	struct event story[] = {
		ENTER_WRITE(1, M, 1),
		OVERLAPPED(WRITE(2, M, 2, 2)),
		OVERLAPPED(READ(2, M, 2, 2)),
		FLAGGED(CMSHIM_ABANDONED, LEAVE(1, M, 2)),
	};

	ck_assert_uint_eq(report_n_added(RUN(&analysis_overlap, story)), 0);
}
END_TEST

START_TEST(call_cut_off_by_a_kill_is_a_partner)
{
	struct event story[] = {
		AT(7, ENTER_WRITE(1, M, 1)),
		AT(8, OVERLAPPED(WRITE(2, M, 2, 2))),
	};
	const struct setting stopped = { .state = CMSHIM_STOPPED };

	assert_sides(only_finding(RUN(&analysis_overlap, story)), M, 7, 8);
	ck_assert_uint_eq(
		report_n_added(RUN_IN(&analysis_overlap, story, &stopped)), 0);
}
END_TEST

START_TEST(call_of_a_thread_that_went_on_unrecorded_is_no_partner)
{
	struct event exited[] = {
		ENTER_WRITE(1, M, 1),
		EXIT(1),
		OVERLAPPED(WRITE(2, M, 2, 2)),
	};
	struct event dropped[] = {
		ENTER_WRITE(1, M, 1),
		DROP(1),
		OVERLAPPED(WRITE(2, M, 2, 2)),
	};

	ck_assert_uint_eq(report_n_added(RUN(&analysis_overlap, exited)), 0);
	ck_assert_uint_eq(report_n_added(RUN(&analysis_overlap, dropped)), 0);
}
END_TEST

/* Number 2 has no record: its thread may have been killed inside. */
START_TEST(missing_number_may_have_been_what_a_read_met)
{
	struct event story[] = {
		WRITE(1, M, 1, 1),
		GAP(M),
		WRITE(1, M, 3, 3),
		OVERLAPPED(READ(3, M, 3, 3)),
	};
	struct event unsaid[] = {
		WRITE(1, M, 1, 1),
		WRITE(1, M, 3, 3),
		OVERLAPPED(READ(3, M, 3, 3)),
	};

	ck_assert_uint_eq(report_n_added(RUN(&analysis_overlap, story)), 0);
	ck_assert_uint_eq(report_n_added(RUN(&analysis_overlap, unsaid)), 0);
}
END_TEST

START_TEST(destroying_a_map_in_use_is_an_overlap)
{
	struct event destroy = told_map(CMSHIM_OP_MAP_FREE, 1, M, 1, 1);
	struct event story[] = { destroy, READ(2, M, 0, 1) };
	const struct finding *f;

	story[0].call = FREE;
	f = only_finding(RUN(&analysis_overlap, story));
	ck_assert_str_eq(f->rule->id, "map-destroy-in-use");
	ck_assert_str_eq(f->sides[0].role, "destroyed");
}
END_TEST

#define FAR 40000u

/* Writes of two places by turns: no run is longer than one. */
static const struct report *run_behind(uint32_t behind)
{
	static struct event story[FAR + 1];

	for (uint32_t i = 0; i < FAR; i++)
		story[i] = AT(7 + i % 2, WRITE(1, M, i + 1, i + 1));
	story[FAR] = AT(9, READ(2, M, FAR - behind, FAR - behind + 1));
	return RUN(&analysis_overlap, story);
}

START_TEST(partners_are_kept_for_a_while)
{
	ck_assert_uint_eq(report_n_added(run_behind(8000)), 1);
	ck_assert_uint_eq(report_n_added(run_behind(39000)), 0);
}
END_TEST

/* More at a time than wait: each is answered as its write comes. */
START_TEST(reads_wait_for_writes_that_have_not_come)
{
	enum { MANY = 5000 };
	static struct event story[2 * MANY];

	for (uint32_t i = 0; i < MANY; i++) {
		story[2 * i] = AT(9, READ(2, M, i, i + 1));
		story[2 * i + 1] = AT(7, WRITE(1, M, i + 1, i + 1));
	}
	ck_assert_uint_eq(only_finding(RUN(&analysis_overlap, story))->count,
			  MANY);
}
END_TEST

/* Whether number 1, long since dropped, was the one is not known any more. */
START_TEST(read_far_behind_is_not_given_the_wrong_partner)
{
	enum { MANY = 4000 };
	static struct event story[2 * MANY + 1];

	for (uint32_t i = 0; i < MANY; i++) {
		story[2 * i] = AT(7, WRITE(1, M, 2 * i + 1, 2 * i + 2));
		story[2 * i + 1] = AT(8, WRITE(2, M, 2 * i + 2, 2 * i + 2));
	}
	story[2 * MANY] = AT(9, OVERLAPPED(READ(3, M, 2, 2)));
	assert_sides(only_finding(RUN(&analysis_overlap, story)), M, 7, 8);
}
END_TEST

/* Numbers and locks that cannot both be true. */
static void assert_contradiction(const struct event *story, size_t n)
{
	const struct report *r = run_story(&analysis_overlap, story, n, NULL);

	ck_assert_uint_eq(report_n_added(r), 2);
	ck_assert_str_eq(report_added(r, 0)->rule->id,
			 "internal-overlap-ordered");
	ck_assert_uint_eq(report_added(r, 0)->count, 1);
	ck_assert_str_eq(report_added(r, 1)->rule->id, "map-race-overlap");
}

#define CONTRADICTION(story) assert_contradiction(story, N_EVENTS(story))

START_TEST(overlap_of_what_a_lock_orders_is_our_own_error)
{
	struct event later_write[] = {
		ACQUIRE(1, A), WRITE(1, M, 1, 2), RELEASE(1, A),
		ACQUIRE(2, A), WRITE(2, M, 2, 2), RELEASE(2, A),
	};
	struct event earlier_write[] = {
		ACQUIRE(1, A), WRITE(1, M, 1, 1), RELEASE(1, A),
		ACQUIRE(2, A), READ(2, M, 0, 1),  RELEASE(2, A),
	};
	struct event met_write[] = {
		ACQUIRE(1, A), WRITE(1, M, 1, 1), RELEASE(1, A),
		ACQUIRE(2, A), RELEASE(2, A),	  OVERLAPPED(READ(2, M, 1, 1)),
	};
	struct event opened[] = {
		WRITE(1, M, 1, 2), ACQUIRE(1, A), RELEASE(1, A),
		ACQUIRE(2, A),	   RELEASE(2, A), ENTER_WRITE(2, M, 2),
		LEAVE(2, M, 0),
	};

	CONTRADICTION(later_write);
	CONTRADICTION(earlier_write);
	CONTRADICTION(met_write);
	CONTRADICTION(opened);
}
END_TEST

START_TEST(overlap_that_ends_in_time_or_across_a_gap_is_no_error_of_ours)
{
	struct event learnt_inside[] = {
		WRITE(1, M, 1, 2), RELEASE(1, A), ENTER_WRITE(2, M, 2),
		ACQUIRE(2, A),	   RELEASE(2, A), LEAVE(2, M, 2),
	};
	struct event across[] = {
		ACQUIRE(1, A), WRITE(1, M, 1, 2), RELEASE(1, A), GAP(A),
		ACQUIRE(2, A), WRITE(2, M, 2, 2), RELEASE(2, A),
	};

	ck_assert_str_eq(
		only_finding(RUN(&analysis_overlap, learnt_inside))->rule->id,
		"map-race-overlap");
	ck_assert_str_eq(only_finding(RUN(&analysis_overlap, across))->rule->id,
			 "map-race-overlap");
}
END_TEST

Suite *suite_overlap(void)
{
	Suite *s = suite_create("overlap");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, read_that_enters_during_a_write_is_proved);
	tcase_add_test(tc, write_that_enters_during_a_write_is_proved);
	tcase_add_test(tc, write_that_enters_during_a_read_is_proved);
	tcase_add_test(tc, reads_may_come_long_after_the_writes);
	tcase_add_test(tc, calls_one_after_the_other_are_no_overlap);
	tcase_add_test(tc, maps_do_not_mix);
	tcase_add_test(tc, thread_does_not_race_with_its_own_handler);
	tcase_add_test(tc, map_that_locks_itself_is_counted_only);
	tcase_add_test(tc, locks_of_both_sides_are_shown);
	tcase_add_test(tc, same_places_are_one_finding);
	tcase_add_test(tc, other_places_are_another_finding);
	tcase_add_test(tc, long_call_pairs_with_each_write_that_entered);
	tcase_add_test(tc, partner_without_record_is_no_proof);
	tcase_add_test(tc, partner_without_record_is_told_beside_a_proven_one);
	tcase_add_test(tc, read_that_met_one_of_two_writes_names_both);
	tcase_add_test(tc, write_that_outlives_the_next_entry_was_met);
	tcase_add_test(tc,
		       read_waits_for_the_end_of_a_write_that_it_may_have_met);
	tcase_add_test(tc, abandoned_call_proves_nothing_after_its_entry);
	tcase_add_test(tc, call_cut_off_by_a_kill_is_a_partner);
	tcase_add_test(tc,
		       call_of_a_thread_that_went_on_unrecorded_is_no_partner);
	tcase_add_test(tc, missing_number_may_have_been_what_a_read_met);
	tcase_add_test(tc, destroying_a_map_in_use_is_an_overlap);
	tcase_add_test(tc, partners_are_kept_for_a_while);
	tcase_add_test(tc, reads_wait_for_writes_that_have_not_come);
	tcase_add_test(tc, read_far_behind_is_not_given_the_wrong_partner);
	tcase_add_test(tc, overlap_of_what_a_lock_orders_is_our_own_error);
	tcase_add_test(
		tc,
		overlap_that_ends_in_time_or_across_a_gap_is_no_error_of_ours);
	suite_add_tcase(s, tc);
	return s;
}

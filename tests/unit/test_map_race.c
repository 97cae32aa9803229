/* SPDX-License-Identifier: MIT */
/*
 * Which calls on a map are ordered, told one by one: the litmus table of the
 * design, by number where a test has one.  test_map_race_model.c does many,
 * test_map_guards.c is about locks.
 */
#include <check.h>
#include <string.h>

#include "race_story.h"
#include "suites.h"

static void assert_unordered(const struct report *r, uint32_t first,
			     uint32_t second)
{
	const struct finding *f = only(r, "map-race-hb", LEVEL_WARNING);

	ck_assert_int_eq(f->tier, TIER_PREDICTED);
	ck_assert_uint_eq(f->sides[0].stack, first);
	ck_assert_uint_eq(f->sides[1].stack, second);
}

START_TEST(litmus_1_two_writes_that_nothing_orders)
{
	struct event story[] = {
		AT(7, WRITE(1, M, 1, 1)),
		AT(8, WRITE(2, M, 2, 2)),
	};
	const struct finding *f;

	assert_unordered(RACE(story), 7, 8);
	f = only_finding(RACE(story));
	ck_assert_uint_eq(f->count, 1);
	ck_assert_uint_eq(f->tags, 0);
	ck_assert_uint_eq(f->sides[0].thread, 1);
	ck_assert_str_eq(f->sides[0].role, "wrote");
	ck_assert_uint_eq(f->sides[1].thread, 2);
	ck_assert_uint_eq(f->sides[1].write_number, 2);
	ck_assert_ptr_nonnull(strstr(f->message, "that was recorded"));
}
END_TEST

START_TEST(read_and_write_in_either_order)
{
	struct event first[] = {
		AT(7, READ(1, M, 0, 0)),
		AT(8, WRITE(2, M, 1, 1)),
	};
	struct event second[] = {
		AT(7, WRITE(2, M, 1, 1)),
		AT(8, READ(1, M, 1, 1)),
	};

	assert_unordered(RACE(first), 7, 8);
	assert_unordered(RACE(second), 7, 8);
	ck_assert_str_eq(only_finding(RACE(second))->sides[1].role, "read");
}
END_TEST

START_TEST(reads_alone_are_no_race)
{
	struct event story[] = {
		READ(1, M, 0, 0),
		READ(2, M, 0, 0),
		READ(3, M, 0, 0),
		READ(1, M, 0, 0),
	};

	assert_silent(RACE(story));
}
END_TEST

START_TEST(write_after_many_reads_is_compared_with_each)
{
	struct event story[] = {
		AT(6, READ(1, M, 0, 0)),  AT(7, READ(2, M, 0, 0)),
		READ(3, M, 0, 0),	  BEFORE(1, CHANNEL),
		BEFORE(3, CHANNEL),	  AFTER(4, CHANNEL),
		AT(8, WRITE(4, M, 1, 1)),
	};

	assert_unordered(RACE(story), 7, 8);
}
END_TEST

START_TEST(litmus_4_one_mutex)
{
	struct event story[] = {
		ACQUIRE(1, A), WRITE(1, M, 1, 1), RELEASE(1, A),
		ACQUIRE(2, A), WRITE(2, M, 2, 2), RELEASE(2, A),
		ACQUIRE(1, A), READ(1, M, 2, 2),  RELEASE(1, A),
		ACQUIRE(3, A), WRITE(3, M, 3, 3), RELEASE(3, A),
	};

	assert_silent(RACE(story));
}
END_TEST

START_TEST(litmus_5_two_mutexes)
{
	struct event story[] = {
		ACQUIRE(1, A), AT(7, WRITE(1, M, 1, 1)), RELEASE(1, A),
		ACQUIRE(2, B), AT(8, WRITE(2, M, 2, 2)), RELEASE(2, B),
	};

	assert_unordered(RACE(story), 7, 8);
}
END_TEST

START_TEST(litmus_7_reader_and_writer_of_a_rwlock)
{
	struct event story[] = {
		ACQUIRE_SHARED(1, RW), READ(1, M, 0, 0),  RELEASE_SHARED(1, RW),
		ACQUIRE(2, RW),	       WRITE(2, M, 1, 1), RELEASE(2, RW),
		ACQUIRE_SHARED(1, RW), READ(1, M, 1, 1),  RELEASE_SHARED(1, RW),
		ACQUIRE_SHARED(3, RW), READ(3, M, 1, 1),  RELEASE_SHARED(3, RW),
		ACQUIRE(2, RW),	       WRITE(2, M, 2, 2), RELEASE(2, RW),
	};

	assert_silent(RACE(story));
}
END_TEST

START_TEST(readers_of_a_rwlock_do_not_order_each_other)
{
	struct event story[] = {
		ACQUIRE_SHARED(1, RW), AT(7, WRITE(1, M, 1, 1)),
		RELEASE_SHARED(1, RW), ACQUIRE_SHARED(2, RW),
		RELEASE_SHARED(2, RW), AT(8, READ(2, M, 1, 1)),
	};

	assert_unordered(RACE(story), 7, 8);
}
END_TEST

START_TEST(litmus_11_ownership_moves_with_create_and_join)
{
	struct event story[] = {
		WRITE(1, M, 1, 1), CREATE(1, 2), BEGIN(2, 1),
		WRITE(2, M, 2, 2), JOIN(1, 2),	 READ(1, M, 2, 2),
		WRITE(1, M, 3, 3), CREATE(1, 3), BEGIN(3, 1),
		WRITE(3, M, 4, 4), JOIN(1, 3),	 READ(1, M, 4, 4),
	};

	assert_silent(RACE(story));
}
END_TEST

START_TEST(litmus_12_no_join)
{
	struct event story[] = {
		CREATE(1, 2),
		BEGIN(2, 1),
		AT(7, WRITE(2, M, 1, 1)),
		AT(8, READ(1, M, 1, 1)),
	};

	assert_unordered(RACE(story), 7, 8);
}
END_TEST

START_TEST(what_a_parent_does_after_create_is_not_known_to_the_child)
{
	struct event story[] = {
		WRITE(1, M, 1, 1),	  CREATE(1, 2),
		AT(7, WRITE(1, M, 2, 2)), BEGIN(2, 1),
		AT(8, WRITE(2, M, 3, 3)),
	};

	assert_unordered(RACE(story), 7, 8);
}
END_TEST

START_TEST(join_brings_what_was_done_after_exit)
{
	struct event story[] = {
		CREATE(1, 2), BEGIN(2, 1), EXIT(2),	      WRITE(2, M, 1, 1),
		ENDED(2),     JOIN(1, 2),  WRITE(1, M, 2, 2),
	};

	assert_silent(RACE(story));
}
END_TEST

START_TEST(litmus_13_writer_s_release_orders_readers)
{
	struct event story[] = {
		ACQUIRE_SHARED(1, RW), WRITE(1, M, 1, 1),
		RELEASE_SHARED(1, RW), ACQUIRE(2, RW),
		RELEASE(2, RW),	       ACQUIRE_SHARED(2, RW),
		WRITE(2, M, 2, 2),     RELEASE_SHARED(2, RW),
	};

	assert_silent(RACE(story));
}
END_TEST

START_TEST(litmus_14_semaphore)
{
	struct event story[] = {
		WRITE(1, M, 1, 1), POST(1, SEM), WRITE(3, N, 1, 1),
		POST(3, SEM),	   TAKE(2, SEM), WRITE(2, M, 2, 2),
		WRITE(2, N, 2, 2), POST(2, SEM), TAKE(1, SEM),
		WRITE(1, M, 3, 3),
	};

	assert_silent(RACE(story));
}
END_TEST

START_TEST(what_is_done_after_a_post_is_not_told)
{
	struct event story[] = {
		POST(1, SEM),
		AT(7, WRITE(1, M, 1, 1)),
		TAKE(2, SEM),
		AT(8, WRITE(2, M, 2, 2)),
	};

	assert_unordered(RACE(story), 7, 8);
}
END_TEST

START_TEST(litmus_15_ordered_by_a_signal_only)
{
	struct event story[] = {
		ACQUIRE(2, A),	      RELEASE(2, A),
		WAIT(2, CONDITION),   AT(7, WRITE(1, M, 1, 1)),
		SIGNAL(1, CONDITION), WAKE(2, CONDITION),
		ACQUIRE(2, A),	      AT(8, WRITE(2, M, 2, 2)),
		RELEASE(2, A),
	};
	const struct finding *f =
		only(RACE(story), "map-race-discipline", LEVEL_NOTE);

	ck_assert_int_eq(f->tier, TIER_DISCIPLINE);
	ck_assert_uint_eq(f->sides[0].stack, 7);
	ck_assert_uint_eq(f->sides[1].stack, 8);
	ck_assert_ptr_nonnull(strstr(f->message, "signal"));
	ck_assert_uint_eq(f->tags, TAG_CV_ONLY);
}
END_TEST

START_TEST(signal_under_the_mutex_is_more_than_a_signal)
{
	struct event story[] = {
		ACQUIRE(2, A),	   RELEASE(2, A),      WAIT(2, CONDITION),
		ACQUIRE(1, A),	   WRITE(1, M, 1, 1),  SIGNAL(1, CONDITION),
		RELEASE(1, A),	   WAKE(2, CONDITION), ACQUIRE(2, A),
		WRITE(2, M, 2, 2), RELEASE(2, A),
	};

	assert_silent(RACE(story));
}
END_TEST

START_TEST(litmus_16_spurious_wake)
{
	struct event story[] = {
		AT(7, WRITE(1, M, 1, 1)),
		SIGNAL(1, CONDITION),
		/* So the call that signalled had ended before the WAIT. */
		ACQUIRE(1, A),
		WAIT(2, CONDITION),
		WAKE(2, CONDITION),
		AT(8, WRITE(2, M, 2, 2)),
	};
	struct event timed_out[] = {
		WAIT(2, CONDITION),	  AT(7, WRITE(1, M, 1, 1)),
		SIGNAL(1, CONDITION),	  told_code(WAKE(2, CONDITION), 110),
		AT(8, WRITE(2, M, 2, 2)),
	};

	assert_unordered(RACE(story), 7, 8);
	assert_unordered(RACE(timed_out), 7, 8);
}
END_TEST

/* The signal entered before the WAIT, but its call lasted until after. */
START_TEST(signal_that_was_under_way_may_have_woken)
{
	struct event story[] = {
		WRITE(1, M, 1, 1),  SIGNAL(1, CONDITION),
		WAIT(2, CONDITION), SIGNALLED(1, CONDITION, 2),
		WAKE(2, CONDITION), WRITE(2, M, 2, 2),
	};
	struct event woken_first[] = {
		WRITE(1, M, 1, 1),  SIGNAL(1, CONDITION),
		WAIT(2, CONDITION), WAKE(2, CONDITION),
		WRITE(2, M, 2, 2),  SIGNALLED(1, CONDITION, 3),
	};

	only(RACE(story), "map-race-discipline", LEVEL_NOTE);
	only(RACE(woken_first), "map-race-discipline", LEVEL_NOTE);
}
END_TEST

START_TEST(each_waiter_is_told_by_the_signals_of_its_own_wait)
{
	struct event story[] = {
		WAIT(2, CONDITION),
		AT(7, WRITE(1, N, 1, 1)),
		SIGNAL(1, CONDITION),
		ACQUIRE(1, A),
		WAIT(3, CONDITION),
		WAKE(2, CONDITION),
		AT(8, READ(2, N, 1, 1)),
		SIGNAL(4, CONDITION),
		ACQUIRE(4, B),
		WAKE(3, CONDITION),
		AT(9, WRITE(3, N, 2, 2)),
	};
	const struct report *r = RACE(story);
	const struct finding *f = report_added(r, 0);

	ck_assert_uint_eq(report_n_added(r), 1);
	ck_assert_str_eq(f->rule->id, "map-race-hb");
	ck_assert_uint_eq(f->sides[0].stack, 7);
	ck_assert_uint_eq(f->sides[1].stack, 9);
}
END_TEST

START_TEST(litmus_17_barrier)
{
	struct event story[] = {
		WRITE(1, M, 1, 1),  ARRIVE(1, BARRIER), ARRIVE(2, BARRIER),
		DEPART(2, BARRIER), WRITE(2, M, 2, 2),	ARRIVE(2, BARRIER),
		DEPART(1, BARRIER), ARRIVE(1, BARRIER), DEPART(1, BARRIER),
		WRITE(1, M, 3, 3),  ARRIVE(1, BARRIER), DEPART(2, BARRIER),
		ARRIVE(2, BARRIER), DEPART(2, BARRIER), WRITE(2, M, 4, 4),
	};

	assert_silent(RACE(story));
}
END_TEST

START_TEST(litmus_20_another_map_at_the_address)
{
	struct event story[] = {
		WRITE(1, M, 1, 1),
		FREE_MAP(1, M, 2),
		NEW(2, M),
		WRITE(2, M, 3, 3),
	};

	assert_silent(RACE(story));
}
END_TEST

START_TEST(litmus_21_destroyed_while_another_uses_it)
{
	struct event story[] = {
		AT(7, READ(2, M, 0, 0)),
		AT(8, FREE_MAP(1, M, 1)),
	};

	const struct finding *f =
		only(RACE(story), "map-destroy-in-use", LEVEL_WARNING);

	ck_assert_int_eq(f->tier, TIER_PREDICTED);
	ck_assert_uint_eq(f->sides[0].stack, 7);
	ck_assert_uint_eq(f->sides[1].stack, 8);
	ck_assert_str_eq(f->sides[1].role, "destroyed");
}
END_TEST

START_TEST(destroyed_after_its_user_was_joined)
{
	struct event story[] = {
		CREATE(1, 2), READ(2, M, 0, 0),	 EXIT(2),
		JOIN(1, 2),   FREE_MAP(1, M, 1),
	};

	assert_silent(RACE(story));
}
END_TEST

START_TEST(litmus_40_owner_died)
{
	struct event story[] = {
		ACQUIRE(1, ROBUST),
		FLAGGED(CMSHIM_OWNER_DIED, ACQUIRE(2, ROBUST)),
		WRITE(2, M, 2, 2),
		WRITE(1, M, 1, 1),
		EXIT(1),
		RELEASE(2, ROBUST),
	};
	struct event in_time[] = {
		ACQUIRE(1, ROBUST),
		WRITE(1, M, 1, 1),
		EXIT(1),
		FLAGGED(CMSHIM_OWNER_DIED, ACQUIRE(2, ROBUST)),
		WRITE(2, M, 2, 2),
		RELEASE(2, ROBUST),
	};

	assert_silent(RACE(story));
	assert_silent(RACE(in_time));
}
END_TEST

START_TEST(lock_given_up_unseen_orders_all_the_same)
{
	struct event story[] = {
		ACQUIRE(1, A),	   WRITE(1, M, 1, 1), ACQUIRE(2, A),
		WRITE(2, M, 2, 2), RELEASE(2, A),
	};
	struct event too_late[] = {
		ACQUIRE(1, A),
		ACQUIRE(2, A),
		AT(7, WRITE(1, M, 1, 1)),
		RELEASE(2, A),
		AT(8, WRITE(2, M, 2, 2)),
	};

	assert_silent(RACE(story));
	assert_unordered(RACE(too_late), 7, 8);
}
END_TEST

START_TEST(litmus_41_failed_try_orders_nothing)
{
	struct event story[] = {
		ACQUIRE(2, A),
		AT(7, WRITE(2, M, 1, 1)),
		REQUEST_FAILED(1, A, 16),
		AT(8, WRITE(1, M, 2, 2)),
		RELEASE(2, A),
	};

	assert_unordered(RACE(story), 7, 8);
}
END_TEST

START_TEST(litmus_44_timer_s_callback)
{
	struct event story[] = {
		WRITE(1, M, 1, 1),	  BEFORE(1, CHANNEL),
		AFTER(2, CHANNEL),	  READ(2, M, 1, 1),
		AT(7, WRITE(2, M, 2, 2)), ACQUIRE(1, A),
		AT(8, WRITE(1, M, 3, 3)), RELEASE(1, A),
	};

	assert_unordered(RACE(story), 7, 8);
}
END_TEST

START_TEST(litmus_46_gap_is_a_fence)
{
	struct event story[] = {
		WRITE(1, M, 1, 1),
		GAP(A),
		WRITE(2, M, 2, 2),
	};
	struct event dropped[] = {
		WRITE(1, M, 1, 1),
		DROP(3),
		WRITE(2, M, 2, 2),
	};
	struct event across[] = {
		ENTER_WRITE(1, M, 1),
		GAP(A),
		LEAVE(1, M, 1),
		WRITE(2, M, 2, 2),
	};

	assert_silent(RACE(story));
	assert_silent(RACE(dropped));
	assert_silent(RACE(across));
}
END_TEST

START_TEST(after_a_gap_it_begins_anew)
{
	struct event story[] = {
		WRITE(1, M, 1, 1),
		GAP(A),
		AT(7, WRITE(2, M, 2, 2)),
		AT(8, WRITE(1, M, 3, 3)),
	};

	assert_unordered(RACE(story), 7, 8);
}
END_TEST

START_TEST(once_and_channels_order)
{
	struct event once[] = {
		WRITE(1, M, 1, 1),    ONCE_RAN(1, ONCE), ONCE_RETURN(1, ONCE),
		ONCE_RETURN(2, ONCE), READ(2, M, 1, 1),	 ONCE_RETURN(3, ONCE),
		READ(3, M, 1, 1),
	};
	struct event channel[] = {
		WRITE(1, M, 1, 1), BEFORE(1, CHANNEL), AFTER(2, CHANNEL),
		WRITE(2, M, 2, 2), BEFORE(2, CHANNEL), AFTER(1, CHANNEL),
		WRITE(1, M, 3, 3),
	};

	assert_silent(RACE(once));
	assert_silent(RACE(channel));
}
END_TEST

START_TEST(futex_orders_and_casts_doubt_on_the_rest)
{
	struct event story[] = {
		WRITE(1, M, 1, 1), SIGNAL(1, FUTEX),
		WAIT(2, FUTEX),	   told_code(WAKE(2, FUTEX), 11),
		WRITE(2, M, 2, 2),
	};
	struct event other[] = {
		WRITE(1, M, 1, 1),
		SIGNAL(3, FUTEX),
		WRITE(2, M, 2, 2),
	};

	assert_silent(RACE(story));
	ck_assert_uint_eq(only(RACE(other), "map-race-hb", LEVEL_NOTE)->tags,
			  TAG_UNSEEN);
}
END_TEST

START_TEST(lock_of_several_processes_casts_doubt_when_it_is_used)
{
	struct event story[] = {
		WRITE(1, M, 1, 1),
		ACQUIRE(3, PROCESS_SHARED),
		WRITE(2, M, 2, 2),
	};
	const struct finding *f = only(RACE(story), "map-race-hb", LEVEL_NOTE);

	ck_assert_uint_eq(f->tags, TAG_UNSEEN | TAG_PSHARED);
	ck_assert_ptr_nonnull(strstr(f->message, "other processes"));
	story[1].object = A;
	f = only(RACE(story), "map-race-hb", LEVEL_WARNING);
	ck_assert_uint_eq(f->tags, 0);
}
END_TEST

/* Who was woken at one of two words knows nothing of the other. */
START_TEST(wait_on_several_words_is_ordered_by_the_one_that_woke)
{
	struct event story[] = {
		WRITE(1, M, 1, 1),
		WAIT(2, FUTEX),
		WAIT(2, FUTEX2),
		SIGNAL(1, FUTEX),
		SIGNAL(3, FUTEX2),
		WAKE(2, FUTEX),
		told_code(WAKE(2, FUTEX2), 125 /* ECANCELED */),
		WRITE(2, M, 2, 2),
	};
	struct event other[] = {
		WRITE(1, M, 1, 1),
		WAIT(2, FUTEX),
		WAIT(2, FUTEX2),
		SIGNAL(1, FUTEX),
		SIGNAL(3, FUTEX2),
		WAKE(2, FUTEX2),
		told_code(WAKE(2, FUTEX), 125),
		WRITE(2, M, 2, 2),
	};

	assert_silent(RACE(story));
	only(RACE(other), "map-race-hb", LEVEL_NOTE);
}
END_TEST

/* Thread 2 may have found the promise set, for which it calls nothing. */
START_TEST(promise_that_was_set_may_have_told)
{
	struct event by_writer[] = {
		WRITE(1, M, 1, 1),
		ONCE_RAN(1, ONCE),
		READ(2, M, 1, 1),
	};
	struct event by_another[] = {
		WRITE(1, M, 1, 1), POST(1, SEM),     TAKE(3, SEM),
		ONCE_RAN(3, ONCE), READ(2, M, 1, 1),
	};
	/* When was it done?  The merge need not know. */
	struct event told_later[] = {
		WRITE(1, M, 1, 1),
		READ(2, M, 1, 1),
		ONCE_RAN(1, ONCE),
	};

	only(RACE(by_writer), "map-race-hb", LEVEL_NOTE);
	only(RACE(by_another), "map-race-hb", LEVEL_NOTE);
	only(RACE(told_later), "map-race-hb", LEVEL_NOTE);
}
END_TEST

START_TEST(promise_tells_nothing_of_what_comes_after_it)
{
	struct event later[] = {
		ONCE_RAN(1, ONCE),
		WRITE(1, M, 1, 1),
		READ(2, M, 1, 1),
	};
	struct event of_a_stranger[] = {
		WRITE(1, M, 1, 1),
		ONCE_RAN(3, ONCE),
		READ(2, M, 1, 1),
	};
	/* The second pair is not the first one's. */
	struct event both[] = {
		WRITE(1, M, 1, 1), ONCE_RAN(1, ONCE), READ(2, M, 1, 1),
		WRITE(1, M, 2, 2), READ(2, M, 2, 2),
	};

	only(RACE(later), "map-race-hb", LEVEL_WARNING);
	only(RACE(of_a_stranger), "map-race-hb", LEVEL_WARNING);
	only(RACE(both), "map-race-hb", LEVEL_WARNING);
}
END_TEST

START_TEST(variable_that_is_asked_by_calls_tells_nothing_without)
{
	struct event asked[] = {
		WRITE(1, M, 1, 1),
		ONCE_RAN(1, ONCE_VARIABLE),
		ONCE_RETURN(1, ONCE_VARIABLE),
		READ(2, M, 1, 1),
	};
	/* What C++ does for static variables of functions. */
	struct event looked_at[] = {
		MISS(ONCE_RETURN(1, ONCE_VARIABLE)),
		WRITE(1, M, 1, 1),
		ONCE_RAN(1, ONCE_VARIABLE),
		READ(2, M, 1, 1),
	};

	only(RACE(asked), "map-race-hb", LEVEL_WARNING);
	only(RACE(looked_at), "map-race-hb", LEVEL_NOTE);
}
END_TEST

START_TEST(foreign_release_that_fails_takes_nothing_away)
{
	struct event story[] = {
		ACQUIRE(1, CHECKED),	    WRITE(1, M, 1, 1),
		RELEASE(1, CHECKED),	    FOREIGN(3, CHECKED),
		RELEASE_FAILED(3, CHECKED), ACQUIRE(2, CHECKED),
		WRITE(2, M, 2, 2),	    RELEASE(2, CHECKED),
	};

	assert_silent(RACE(story));
}
END_TEST

START_TEST(orphan_makes_it_a_note)
{
	struct event story[] = {
		WRITE(1, M, 1, 1),
		START(2),
		WRITE(2, M, 2, 2),
	};
	const struct finding *f = only(RACE(story), "map-race-hb", LEVEL_NOTE);

	ck_assert_ptr_nonnull(strstr(f->message, "who made one"));
	ck_assert_uint_eq(f->tags, TAG_ORPHAN);
}
END_TEST

START_TEST(long_call_is_unordered_with_what_it_did_not_know)
{
	struct event story[] = {
		AT(7, ENTER_READ(1, M, 0)),
		ACQUIRE(2, A),
		AT(8, WRITE(2, M, 1, 1)),
		RELEASE(2, A),
		ACQUIRE(1, A),
		RELEASE(1, A),
		LEAVE(1, M, 1),
	};
	struct event before[] = {
		ACQUIRE(2, A), WRITE(2, M, 1, 1),   RELEASE(2, A),
		ACQUIRE(1, A), ENTER_READ(1, M, 1), RELEASE(1, A),
		ACQUIRE(2, A), LEAVE(1, M, 1),
	};

	assert_unordered(RACE(story), 8, 7);
	assert_silent(RACE(before));
}
END_TEST

/* A slot is used again only by a thread that knows all of it. */
START_TEST(threads_one_after_the_other_are_kept_apart)
{
	struct event story[] = {
		CREATE(1, 2), BEGIN(2, 1), AT(7, WRITE(2, M, 1, 1)), ENDED(2),
		CREATE(1, 3), BEGIN(3, 1), AT(8, WRITE(3, M, 2, 2)), ENDED(3),
	};
	struct event joined[] = {
		CREATE(1, 2), BEGIN(2, 1),	 WRITE(2, M, 1, 1),
		ENDED(2),     JOIN(1, 2),	 CREATE(1, 3),
		BEGIN(3, 1),  WRITE(3, M, 2, 2), ENDED(3),
		JOIN(1, 3),   WRITE(1, M, 3, 3),
	};

	assert_unordered(RACE(story), 7, 8);
	assert_silent(RACE(joined));
}
END_TEST

/* Thread 2 has the slot of thread 5, which told nobody what it knew. */
START_TEST(join_of_a_thread_whose_slot_is_taken)
{
	struct event story[] = {
		CREATE(1, 4),	   BEGIN(4, 1), WRITE(1, M, 1, 1),
		CREATE(1, 5),	   BEGIN(5, 1), ENDED(5),
		CREATE(4, 2),	   BEGIN(2, 4), JOIN(2, 5),
		WRITE(2, M, 2, 2),
	};

	assert_silent(RACE(story));
}
END_TEST

/* Thread 2 told of its write, then learnt more and told nobody of that. */
START_TEST(slot_is_not_taken_by_who_knows_only_the_last_bit)
{
	struct event story[] = {
		BEFORE(1, CHANNEL),
		CREATE(1, 2),
		BEGIN(2, 1),
		AT(7, WRITE(2, M, 1, 1)),
		POST(2, SEM),
		BEFORE(4, CHANNEL),
		AFTER(2, CHANNEL),
		ENDED(2),
		CREATE(1, 3),
		BEGIN(3, 1),
		AT(8, WRITE(3, M, 2, 2)),
	};

	assert_unordered(RACE(story), 7, 8);
}
END_TEST

START_TEST(who_departs_late_is_not_told_of_the_next_arrivals)
{
	struct event story[] = {
		ARRIVE(1, BARRIER),	  ARRIVE(2, BARRIER),
		DEPART(1, BARRIER),	  AT(7, WRITE(1, M, 1, 1)),
		ARRIVE(1, BARRIER),	  DEPART(2, BARRIER),
		AT(8, WRITE(2, M, 2, 2)),
	};

	assert_unordered(RACE(story), 7, 8);
}
END_TEST

START_TEST(departure_without_its_arrival_is_told_of_all)
{
	struct event story[] = {
		GAP(BARRIER),	    WRITE(2, M, 1, 1), ARRIVE(2, BARRIER),
		DEPART(1, BARRIER), WRITE(1, M, 2, 2),
	};

	assert_silent(RACE(story));
}
END_TEST

START_TEST(a_call_after_the_signal_shows_that_it_has_returned)
{
	struct event story[] = {
		AT(7, WRITE(1, M, 1, 1)), SIGNAL(1, CONDITION),
		READ(1, N, 0, 0),	  WAIT(2, CONDITION),
		WAKE(2, CONDITION),	  AT(8, WRITE(2, M, 2, 2)),
	};

	assert_unordered(RACE(story), 7, 8);
}
END_TEST

START_TEST(who_waits_later_is_not_told_of_signals_before)
{
	struct event story[] = {
		WAIT(2, CONDITION),   AT(7, WRITE(1, M, 1, 1)),
		SIGNAL(1, CONDITION), ACQUIRE(1, A),
		WAIT(3, CONDITION),   SIGNAL(4, CONDITION),
		WAKE(3, CONDITION),   AT(9, WRITE(3, M, 2, 2)),
	};

	assert_unordered(RACE(story), 7, 9);
}
END_TEST

START_TEST(who_waits_longest_is_told_by_all_signals_since)
{
	struct event story[] = {
		WAIT(2, CONDITION), SIGNAL(4, CONDITION), ACQUIRE(4, B),
		WAIT(3, CONDITION), WRITE(1, M, 1, 1),	  SIGNAL(1, CONDITION),
		ACQUIRE(1, A),	    WAKE(3, CONDITION),	  WAKE(2, CONDITION),
		WRITE(2, M, 2, 2),
	};

	only(RACE(story), "map-race-discipline", LEVEL_NOTE);
}
END_TEST

Suite *suite_map_race(void)
{
	Suite *s = suite_create("map_race");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, litmus_1_two_writes_that_nothing_orders);
	tcase_add_test(tc, read_and_write_in_either_order);
	tcase_add_test(tc, reads_alone_are_no_race);
	tcase_add_test(tc, write_after_many_reads_is_compared_with_each);
	tcase_add_test(tc, litmus_4_one_mutex);
	tcase_add_test(tc, litmus_5_two_mutexes);
	tcase_add_test(tc, litmus_7_reader_and_writer_of_a_rwlock);
	tcase_add_test(tc, readers_of_a_rwlock_do_not_order_each_other);
	tcase_add_test(tc, litmus_11_ownership_moves_with_create_and_join);
	tcase_add_test(tc, litmus_12_no_join);
	tcase_add_test(
		tc, what_a_parent_does_after_create_is_not_known_to_the_child);
	tcase_add_test(tc, join_brings_what_was_done_after_exit);
	tcase_add_test(tc, litmus_13_writer_s_release_orders_readers);
	tcase_add_test(tc, litmus_14_semaphore);
	tcase_add_test(tc, what_is_done_after_a_post_is_not_told);
	tcase_add_test(tc, litmus_15_ordered_by_a_signal_only);
	tcase_add_test(tc, signal_under_the_mutex_is_more_than_a_signal);
	tcase_add_test(tc, litmus_16_spurious_wake);
	tcase_add_test(tc, signal_that_was_under_way_may_have_woken);
	tcase_add_test(tc, each_waiter_is_told_by_the_signals_of_its_own_wait);
	tcase_add_test(tc, litmus_17_barrier);
	tcase_add_test(tc, litmus_20_another_map_at_the_address);
	tcase_add_test(tc, litmus_21_destroyed_while_another_uses_it);
	tcase_add_test(tc, destroyed_after_its_user_was_joined);
	tcase_add_test(tc, litmus_40_owner_died);
	tcase_add_test(tc, lock_given_up_unseen_orders_all_the_same);
	tcase_add_test(tc, litmus_41_failed_try_orders_nothing);
	tcase_add_test(tc, litmus_44_timer_s_callback);
	tcase_add_test(tc, litmus_46_gap_is_a_fence);
	tcase_add_test(tc, after_a_gap_it_begins_anew);
	tcase_add_test(tc, once_and_channels_order);
	tcase_add_test(tc, promise_that_was_set_may_have_told);
	tcase_add_test(tc, promise_tells_nothing_of_what_comes_after_it);
	tcase_add_test(tc,
		       variable_that_is_asked_by_calls_tells_nothing_without);
	tcase_add_test(tc, futex_orders_and_casts_doubt_on_the_rest);
	tcase_add_test(tc,
		       lock_of_several_processes_casts_doubt_when_it_is_used);
	tcase_add_test(tc,
		       wait_on_several_words_is_ordered_by_the_one_that_woke);
	tcase_add_test(tc, foreign_release_that_fails_takes_nothing_away);
	tcase_add_test(tc, orphan_makes_it_a_note);
	tcase_add_test(tc, long_call_is_unordered_with_what_it_did_not_know);
	tcase_add_test(tc, threads_one_after_the_other_are_kept_apart);
	tcase_add_test(tc, join_of_a_thread_whose_slot_is_taken);
	tcase_add_test(tc, slot_is_not_taken_by_who_knows_only_the_last_bit);
	tcase_add_test(tc, who_departs_late_is_not_told_of_the_next_arrivals);
	tcase_add_test(tc, departure_without_its_arrival_is_told_of_all);
	tcase_add_test(tc, a_call_after_the_signal_shows_that_it_has_returned);
	tcase_add_test(tc, who_waits_later_is_not_told_of_signals_before);
	tcase_add_test(tc, who_waits_longest_is_told_by_all_signals_since);
	suite_add_tcase(s, tc);
	return s;
}

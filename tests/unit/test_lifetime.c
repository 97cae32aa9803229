/* SPDX-License-Identifier: MIT */
/* Locks that end or begin anew while they are in use. */
#include <errno.h>

#include "script.h"
#include "suites.h"

#define ASSERT_NOTHING(story) \
	ck_assert_uint_eq(report_n_added(RUN(&analysis_lifetime, story)), 0)

#define ONLY(story) only_finding(RUN(&analysis_lifetime, story))

START_TEST(lock_destroyed_while_held_is_reported)
{
	struct event story[] = {
		AT(5, ACQUIRE(1, SPIN)),
		AT(6, DESTROY(2, SPIN)),
		RELEASE(1, SPIN),
	};
	struct event read[] = { ACQUIRE_SHARED(1, RW), DESTROY(2, RW) };
	const struct finding *f = ONLY(story);

	ck_assert_str_eq(f->rule->id, "lock-destroy-held");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->object, SPIN);
	ck_assert_uint_eq(f->sides[0].thread, 2);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_uint_eq(f->sides[1].thread, 1);
	ck_assert_uint_eq(f->sides[1].stack, 5);
	ONLY(read);
}
END_TEST

START_TEST(lock_destroyed_after_its_last_release_is_not)
{
	struct event story[] = {
		ACQUIRE(1, A),
		RELEASE(1, A),
		DESTROY(2, A),
		ACQUIRE(1, B),
	};
	struct event gap[] = { ACQUIRE(1, A), GAP(A), DESTROY(2, A) };
	struct event torn[] = { ACQUIRE(1, A), DROP(1), DESTROY(2, A) };
	struct event ended[] = {
		ACQUIRE(1, ROBUST),
		EXIT(1),
		ENDED(1),
		DESTROY(2, ROBUST),
	};

	ASSERT_NOTHING(story);
	ASSERT_NOTHING(gap);
	ASSERT_NOTHING(torn);
	/* That is lock-exit-held. */
	ASSERT_NOTHING(ended);
}
END_TEST

START_TEST(lock_that_was_free_by_its_own_account_is_not)
{
	struct event story[] = {
		ACQUIRE(1, A),
		FLAGGED(CMSHIM_UNSEEN, DESTROY(2, A)),
		EXIT(1),
	};
	struct event read[] = {
		ACQUIRE_SHARED(1, RW),
		FLAGGED(CMSHIM_UNSEEN, DESTROY(2, RW)),
	};
	struct event waited_for[] = {
		REQUEST(1, A),
		FLAGGED(CMSHIM_UNSEEN, DESTROY(2, A)),
	};

	ASSERT_NOTHING(story);
	ASSERT_NOTHING(read);
	ONLY(waited_for);
}
END_TEST

/* Who holds it may be told later, as a failed call has no number. */
START_TEST(refused_destroy_is_a_warning)
{
	struct event held[] = { ACQUIRE(1, A), DESTROY_REFUSED(2, A) };
	struct event unknown[] = { DESTROY_REFUSED(2, A), ACQUIRE(1, A) };
	struct event lock_was_busy[] = {
		ACQUIRE(1, A),
		REQUEST_FAILED(2, A, EBUSY),
	};
	const struct setting child = { .flags = CMSHIM_FORKED };
	const struct finding *f = ONLY(held);

	ck_assert_str_eq(f->rule->id, "lock-destroy-held");
	ck_assert_int_eq(f->level, LEVEL_WARNING);
	ck_assert_uint_eq(f->n_sides, 2);
	ck_assert_uint_eq(ONLY(unknown)->n_sides, 1);
	ASSERT_NOTHING(lock_was_busy);
	/* A thread of the parent's may hold it. */
	ck_assert_uint_eq(
		report_n_added(RUN_IN(&analysis_lifetime, unknown, &child)), 0);
}
END_TEST

START_TEST(lock_destroyed_while_waited_for_is_reported)
{
	struct event waits[] = {
		ACQUIRE(1, A), AT(5, REQUEST(2, A)), RELEASE(1, A),
		DESTROY(1, A), WAITED(2, A, 9),
	};
	struct event gone[] = {
		ACQUIRE(1, A),	 REQUEST(2, A), RELEASE(1, A),
		WAITED(2, A, 9), RELEASE(2, A), DESTROY(1, A),
	};
	const struct finding *f = ONLY(waits);

	ck_assert_uint_eq(f->sides[1].thread, 2);
	ck_assert_uint_eq(f->sides[1].stack, 5);
	ASSERT_NOTHING(gone);
}
END_TEST

/* The end of a failed wait is not numbered, and may come late. */
START_TEST(wait_that_may_fail_counts_only_if_it_never_ends)
{
	struct event timed_out[] = {
		ACQUIRE(1, A),
		TIMED(REQUEST(2, A)),
		RELEASE(1, A),
		DESTROY(1, A),
		TIMED(REQUEST_FAILED(2, A, ETIMEDOUT)),
	};
	struct event interrupted[] = {
		REQUEST(2, SEM),
		DESTROY(1, SEM),
		REQUEST_FAILED(2, SEM, EINTR),
	};
	struct event for_ever[] = { POST(1, SEM), AT(5, REQUEST(2, SEM)),
				    DESTROY(1, SEM) };
	struct event told_late[] = {
		POST(1, SEM),
		DESTROY(1, SEM),
		told_arg(1, REQUEST(2, SEM)),
	};
	struct event later[] = {
		POST(1, SEM),
		DESTROY(1, SEM),
		told_arg(2, REQUEST(2, SEM)),
	};

	ASSERT_NOTHING(timed_out);
	ASSERT_NOTHING(interrupted);
	ck_assert_uint_eq(ONLY(for_ever)->sides[1].stack, 5);
	ONLY(told_late);
	ASSERT_NOTHING(later);
}
END_TEST

START_TEST(mutex_of_a_condition_wait_is_in_use)
{
	struct event story[] = {
		ACQUIRE(1, A),
		RELEASE(1, A),
		WAIT_WITH(1, CONDITION, A),
		DESTROY(2, A),
	};
	struct event ended[] = {
		ACQUIRE(1, A),	    RELEASE(1, A), WAIT_WITH(1, CONDITION, A),
		WAKE(1, CONDITION), ACQUIRE(1, A), RELEASE(1, A),
		DESTROY(2, A),
	};

	ck_assert_uint_eq(ONLY(story)->sides[1].thread, 1);
	ASSERT_NOTHING(ended);
}
END_TEST

START_TEST(memory_freed_with_a_held_lock_is_reported)
{
	struct event by_another[] = { ACQUIRE(1, A), AT(6, FREED(2, A)) };
	struct event by_holder[] = { ACQUIRE(1, A), FREED(1, A) };
	struct event waited_for[] = {
		ACQUIRE(1, A),
		REQUEST(2, A),
		FREED(1, A),
	};
	struct event released[] = { ACQUIRE(1, A), RELEASE(1, A), FREED(1, A) };
	const struct finding *f = ONLY(by_another);

	ck_assert_str_eq(f->rule->id, "lock-free-held");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_int_eq(ONLY(by_holder)->level, LEVEL_WARNING);
	ck_assert_int_eq(ONLY(waited_for)->level, LEVEL_ERROR);
	ASSERT_NOTHING(released);
}
END_TEST

START_TEST(freed_lock_is_held_no_more)
{
	struct event story[] = { ACQUIRE(1, A), FREED(1, A), DESTROY(1, A) };

	ck_assert_str_eq(ONLY(story)->rule->id, "lock-free-held");
}
END_TEST

/* The numbers of what is at an address go on from one to the next. */
static struct event nth(uint64_t number, struct event ev)
{
	ev.seq = number;
	return ev;
}

#define NTH(number, ev) nth(number, ev)

START_TEST(lock_initialised_while_held_is_reported)
{
	struct event variable[] = {
		AT(5, ACQUIRE(1, VARIABLE)),
		AT(6, NTH(2, INIT(2, VARIABLE_AGAIN))),
	};
	struct event heap[] = { ACQUIRE(1, ON_HEAP),
				NTH(2, INIT(2, ON_HEAP_AGAIN)) };
	struct event waited[] = {
		ACQUIRE(1, VARIABLE),
		REQUEST(2, VARIABLE),
		RELEASE(1, VARIABLE),
		NTH(9, INIT(1, VARIABLE_AGAIN)),
	};
	/* The numbers of the two say nothing of each other's. */
	struct event told_first[] = {
		NTH(2, INIT(2, VARIABLE_AGAIN)),
		ACQUIRE(1, VARIABLE),
		NTH(3, RELEASE(1, VARIABLE)),
	};
	const struct finding *f = ONLY(variable);

	ck_assert_str_eq(f->rule->id, "lock-init-live");
	ck_assert_int_eq(f->level, LEVEL_ERROR);
	ck_assert_uint_eq(f->object, VARIABLE);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_uint_eq(f->sides[1].stack, 5);
	/* It may be another lock's memory by now. */
	ck_assert_int_eq(ONLY(heap)->level, LEVEL_WARNING);
	ck_assert_str_eq(ONLY(waited)->rule->id, "lock-init-live");
	ck_assert_str_eq(ONLY(told_first)->rule->id, "lock-init-live");
}
END_TEST

START_TEST(lock_initialised_again_after_use_is_a_note)
{
	struct event released[] = {
		AT(5, ACQUIRE(1, VARIABLE)),
		RELEASE(1, VARIABLE),
		AT(6, NTH(3, INIT(2, VARIABLE_AGAIN))),
	};
	struct event told_first[] = {
		NTH(3, INIT(2, VARIABLE_AGAIN)),
		ACQUIRE(1, VARIABLE),
		RELEASE(1, VARIABLE),
	};
	struct event told_between[] = {
		ACQUIRE(1, VARIABLE),
		NTH(3, INIT(2, VARIABLE_AGAIN)),
		RELEASE(1, VARIABLE),
	};
	const struct finding *f = ONLY(released);

	ck_assert_str_eq(f->rule->id, "lock-init-live");
	ck_assert_int_eq(f->level, LEVEL_NOTE);
	ck_assert_uint_eq(f->object, VARIABLE);
	ck_assert_uint_eq(f->sides[0].thread, 2);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_uint_eq(f->sides[1].thread, 1);
	ck_assert_uint_eq(f->sides[1].stack, 5);
	ck_assert_int_eq(ONLY(told_first)->level, LEVEL_NOTE);
	ck_assert_int_eq(ONLY(told_between)->level, LEVEL_NOTE);
}
END_TEST

START_TEST(lock_initialised_after_its_end_is_not)
{
	struct event destroyed[] = {
		ACQUIRE(1, VARIABLE),
		RELEASE(1, VARIABLE),
		DESTROY(1, VARIABLE),
		NTH(4, INIT(2, VARIABLE_AGAIN)),
	};
	/* By another thread, whose events come later. */
	struct event end_told_later[] = {
		ACQUIRE(1, VARIABLE),
		RELEASE(1, VARIABLE),
		NTH(4, INIT(2, VARIABLE_AGAIN)),
		DESTROY(1, VARIABLE),
	};
	struct event freed[] = {
		ACQUIRE(1, ON_HEAP),
		RELEASE(1, ON_HEAP),
		FREED(1, ON_HEAP),
		NTH(4, INIT(2, ON_HEAP_AGAIN)),
	};
	/* The program may hand out memory itself. */
	struct event heap[] = {
		ACQUIRE(1, ON_HEAP),
		RELEASE(1, ON_HEAP),
		NTH(3, INIT(2, ON_HEAP_AGAIN)),
	};
	struct event gap[] = {
		ACQUIRE(1, VARIABLE),
		RELEASE(1, VARIABLE),
		GAP(VARIABLE),
		NTH(9, INIT(2, VARIABLE_AGAIN)),
	};
	struct event torn[] = {
		ACQUIRE(1, VARIABLE),
		RELEASE(1, VARIABLE),
		DROP(1),
		NTH(9, INIT(2, VARIABLE_AGAIN)),
	};
	struct event in_child[] = {
		RELEASE(1, VARIABLE),
		NTH(3, INIT(1, VARIABLE_AGAIN)),
	};
	const struct setting forked = { .flags = CMSHIM_FORKED };
	struct event first[] = { INIT(1, VARIABLE), ACQUIRE(1, VARIABLE) };
	struct event another[] = { ACQUIRE(1, A),
				   NTH(3, INIT(2, VARIABLE_AGAIN)) };

	ASSERT_NOTHING(destroyed);
	ASSERT_NOTHING(end_told_later);
	ASSERT_NOTHING(freed);
	ASSERT_NOTHING(heap);
	ASSERT_NOTHING(gap);
	ASSERT_NOTHING(torn);
	ck_assert_uint_eq(
		report_n_added(RUN_IN(&analysis_lifetime, in_child, &forked)),
		0);
	ASSERT_NOTHING(first);
	ASSERT_NOTHING(another);
}
END_TEST

Suite *suite_lifetime(void)
{
	Suite *s = suite_create("lifetime");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, lock_destroyed_while_held_is_reported);
	tcase_add_test(tc, lock_destroyed_after_its_last_release_is_not);
	tcase_add_test(tc, lock_that_was_free_by_its_own_account_is_not);
	tcase_add_test(tc, refused_destroy_is_a_warning);
	tcase_add_test(tc, lock_destroyed_while_waited_for_is_reported);
	tcase_add_test(tc, wait_that_may_fail_counts_only_if_it_never_ends);
	tcase_add_test(tc, mutex_of_a_condition_wait_is_in_use);
	tcase_add_test(tc, memory_freed_with_a_held_lock_is_reported);
	tcase_add_test(tc, freed_lock_is_held_no_more);
	tcase_add_test(tc, lock_initialised_while_held_is_reported);
	tcase_add_test(tc, lock_initialised_again_after_use_is_a_note);
	tcase_add_test(tc, lock_initialised_after_its_end_is_not);
	suite_add_tcase(s, tc);
	return s;
}

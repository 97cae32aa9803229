/* SPDX-License-Identifier: MIT */
/* The world: who holds which lock, who waits for what. */
#include <errno.h>

#include "script.h"
#include "suites.h"

START_TEST(holder_is_known_between_acquire_and_release)
{
	struct event taken[] = { ACQUIRE(1, A) };
	struct event given[] = { ACQUIRE(1, A), RELEASE(1, A) };
	const struct world *w = WORLD(taken);

	ck_assert_uint_eq(w->objects[A].owner, 1);
	ck_assert_uint_eq(w->objects[A].depth, 1);
	ck_assert_uint_eq(world_holds(w, 1, A)->stack, 1);
	ck_assert_ptr_null(world_holds(w, 2, A));

	w = WORLD(given);
	ck_assert_uint_eq(w->objects[A].owner, 0);
	ck_assert_uint_eq(w->threads[1].n_held, 0);
	ck_assert(w->objects[A].was_held);
	ck_assert(!w->objects[B].was_held);
}
END_TEST

START_TEST(locks_are_kept_in_the_order_taken)
{
	struct event story[] = {
		ACQUIRE(1, A),
		ACQUIRE(1, B),
		ACQUIRE(1, C),
		RELEASE(1, B),
	};
	const struct world *w = WORLD(story);

	ck_assert_uint_eq(w->threads[1].n_held, 2);
	ck_assert_uint_eq(w->threads[1].held[0].object, A);
	ck_assert_uint_eq(w->threads[1].held[1].object, C);
	ck_assert_uint_eq(w->threads[1].held[1].index, 2);
}
END_TEST

START_TEST(recursive_lock_is_held_until_the_last_release)
{
	struct event story[] = {
		ACQUIRE(1, RECURSIVE),
		ACQUIRE(1, RECURSIVE),
		RELEASE(1, RECURSIVE),
	};
	const struct world *w = WORLD(story);

	ck_assert_uint_eq(w->objects[RECURSIVE].owner, 1);
	ck_assert_uint_eq(w->objects[RECURSIVE].depth, 1);
	ck_assert_uint_eq(w->threads[1].n_held, 1);
	ck_assert_uint_eq(w->threads[1].held[0].stack, 1);
}
END_TEST

START_TEST(readers_are_counted_and_own_nothing)
{
	struct event story[] = {
		ACQUIRE_SHARED(1, RW),
		ACQUIRE_SHARED(2, RW),
		RELEASE_SHARED(1, RW),
	};
	const struct world *w = WORLD(story);

	ck_assert_uint_eq(w->objects[RW].n_shared, 1);
	ck_assert_uint_eq(w->objects[RW].owner, 0);
	ck_assert(world_holds(w, 2, RW)->shared);
	ck_assert_ptr_null(world_holds(w, 1, RW));
}
END_TEST

START_TEST(failed_release_did_not_happen)
{
	struct event story[] = {
		ACQUIRE(1, A),
		ACQUIRE(1, B),
		RELEASE(1, A),
		RELEASE_FAILED(1, A),
	};
	const struct world *w = WORLD(story);

	ck_assert_uint_eq(w->objects[A].owner, 1);
	ck_assert_uint_eq(w->objects[A].depth, 1);
	ck_assert_uint_eq(w->threads[1].n_held, 2);
	ck_assert_uint_eq(w->threads[1].held[0].object, A);
	ck_assert_uint_eq(w->threads[1].held[0].stack, 1);
}
END_TEST

/* The library knows better. */
START_TEST(release_that_is_not_permitted_was_made_unseen)
{
	struct event story[] = {
		ACQUIRE(1, A),
		RELEASE(1, A),
		told_code(RELEASE_FAILED(1, A), EPERM),
	};
	const struct world *w = WORLD(story);

	ck_assert_uint_eq(w->objects[A].owner, 0);
	ck_assert_uint_eq(w->threads[1].n_held, 0);
	ck_assert(w->objects[A].given_up);
}
END_TEST

START_TEST(failure_undoes_one_release_only)
{
	struct event story[] = {
		ACQUIRE(1, A),	      RELEASE(1, A),
		RELEASE_FAILED(1, B), RELEASE_FAILED(1, A),
		RELEASE_FAILED(1, A),
	};
	const struct world *w = WORLD(story);

	ck_assert_uint_eq(w->threads[1].n_held, 1);
	ck_assert_uint_eq(w->objects[A].depth, 1);
}
END_TEST

START_TEST(foreign_release_frees_a_plain_mutex)
{
	struct event story[] = { ACQUIRE(1, A), FOREIGN(2, A) };
	const struct world *w = WORLD(story);

	ck_assert_uint_eq(w->objects[A].owner, 0);
	ck_assert_uint_eq(w->threads[1].n_held, 0);
}
END_TEST

START_TEST(foreign_release_leaves_a_checking_mutex)
{
	struct event story[] = { ACQUIRE(1, CHECKED), FOREIGN(2, CHECKED) };
	const struct world *w = WORLD(story);

	ck_assert_uint_eq(w->objects[CHECKED].owner, 1);
	ck_assert_ptr_nonnull(world_holds(w, 1, CHECKED));
}
END_TEST

START_TEST(request_is_pending_until_it_is_granted_or_refused)
{
	struct event pending[] = { ACQUIRE(1, A), REQUEST(2, A) };
	struct event granted[] = {
		ACQUIRE(1, A),
		REQUEST(2, A),
		RELEASE(1, A),
		ACQUIRE(2, A),
	};
	struct event refused[] = {
		ACQUIRE(1, A),
		REQUEST(2, A),
		REQUEST_FAILED(2, A, 110),
	};
	const struct world *w = WORLD(pending);

	ck_assert_uint_eq(w->threads[2].waits_for, A);
	ck_assert_uint_eq(w->threads[2].wait_stack, 2);
	ck_assert_uint_eq(w->threads[2].waits_since_ns, 2);
	ck_assert_uint_eq(w->objects[A].n_waiting, 1);

	w = WORLD(granted);
	ck_assert_uint_eq(w->threads[2].waits_for, 0);
	ck_assert_uint_eq(w->objects[A].n_waiting, 0);
	ck_assert_uint_eq(w->objects[A].owner, 2);

	w = WORLD(refused);
	ck_assert_uint_eq(w->threads[2].waits_for, 0);
	ck_assert_uint_eq(w->objects[A].n_waiting, 0);
	ck_assert_uint_eq(w->objects[A].owner, 1);
}
END_TEST

START_TEST(semaphores_are_waited_for_but_not_held)
{
	struct event story[] = { REQUEST(1, SEM), POST(2, SEM), TAKE(1, SEM) };
	const struct world *w = WORLD(story);

	ck_assert_uint_eq(w->threads[1].waits_for, 0);
	ck_assert_uint_eq(w->objects[SEM].n_waiting, 0);
	ck_assert_uint_eq(w->threads[1].n_held, 0);
}
END_TEST

START_TEST(condition_wait_is_between_wait_and_wake)
{
	struct event story[] = {
		ACQUIRE(1, A),	    RELEASE(1, A), WAIT(1, CONDITION),
		WAKE(1, CONDITION), ACQUIRE(1, A),
	};
	const struct world *w = world_after(story, 3);

	ck_assert_uint_eq(w->threads[1].waits_condition, CONDITION);
	ck_assert_uint_eq(w->threads[1].waits_since_ns, 3);
	ck_assert_uint_eq(w->threads[1].n_held, 0);

	w = WORLD(story);
	ck_assert_uint_eq(w->threads[1].waits_condition, 0);
	ck_assert_uint_eq(w->objects[A].owner, 1);
}
END_TEST

START_TEST(robust_mutex_leaves_its_dead_owner)
{
	struct event story[] = {
		ACQUIRE(1, ROBUST),
		EXIT(1),
		ENDED(1),
		FLAGGED(CMSHIM_OWNER_DIED, ACQUIRE(2, ROBUST)),
	};
	const struct world *w = WORLD(story);

	ck_assert_uint_eq(w->objects[ROBUST].owner, 2);
	ck_assert_uint_eq(w->objects[ROBUST].depth, 1);
	ck_assert_uint_eq(w->threads[1].n_held, 0);
	ck_assert(w->threads[1].exited);
	ck_assert(w->threads[1].ended);
}
END_TEST

START_TEST(hold_that_cannot_be_was_given_up_unseen)
{
	struct event taken[] = { ACQUIRE(1, A), ACQUIRE(2, A) };
	struct event again[] = { ACQUIRE(1, A), ACQUIRE(1, A) };
	struct event written[] = { ACQUIRE_SHARED(1, RW), ACQUIRE(2, RW) };
	struct event noticed[] = {
		ACQUIRE(1, A),
		FLAGGED(CMSHIM_UNSEEN, RELEASE(1, A)),
	};
	struct event destroyed[] = {
		ACQUIRE(1, A),
		FLAGGED(CMSHIM_UNSEEN, DESTROY(2, A)),
	};

	ck_assert(WORLD(taken)->objects[A].given_up);
	ck_assert(WORLD(again)->objects[A].given_up);
	ck_assert(WORLD(written)->objects[RW].given_up);
	ck_assert_uint_eq(WORLD(written)->threads[1].n_held, 0);
	ck_assert(WORLD(noticed)->objects[A].given_up);
	ck_assert(WORLD(destroyed)->objects[A].given_up);
	ck_assert_uint_eq(WORLD(destroyed)->objects[A].owner, 0);
	ck_assert_uint_eq(WORLD(destroyed)->threads[1].n_held, 0);
}
END_TEST

START_TEST(hold_that_ended_otherwise_was_not_given_up_unseen)
{
	struct event released[] = {
		ACQUIRE(1, A),
		RELEASE(1, A),
		ACQUIRE(2, A),
		RELEASE(2, A),
		FLAGGED(CMSHIM_UNSEEN, DESTROY(2, A)),
	};
	struct event recursive[] = {
		ACQUIRE(1, RECURSIVE),
		ACQUIRE(1, RECURSIVE),
	};
	struct event inherited[] = {
		ACQUIRE(1, ROBUST),
		FLAGGED(CMSHIM_OWNER_DIED, ACQUIRE(2, ROBUST)),
	};
	struct event read[] = { ACQUIRE_SHARED(1, RW), ACQUIRE_SHARED(2, RW) };
	struct event torn[] = { ACQUIRE(1, A), DROP(1), ACQUIRE(2, A) };

	ck_assert(!WORLD(released)->objects[A].given_up);
	ck_assert(!WORLD(recursive)->objects[RECURSIVE].given_up);
	ck_assert(!WORLD(inherited)->objects[ROBUST].given_up);
	ck_assert(!WORLD(read)->objects[RW].given_up);
	ck_assert(!WORLD(torn)->objects[A].given_up);
}
END_TEST

START_TEST(gap_makes_a_lock_uncertain_until_the_next_release)
{
	struct event story[] = {
		ACQUIRE(1, A),
		GAP(A),
		ACQUIRE(2, A),
		RELEASE(2, A),
	};
	const struct world *w = world_after(story, 2);

	ck_assert(w->objects[A].uncertain);
	ck_assert_uint_eq(w->objects[A].owner, 0);
	ck_assert_uint_eq(w->threads[1].n_held, 0);

	w = world_after(story, 3);
	ck_assert(w->objects[A].uncertain);
	ck_assert_uint_eq(w->objects[A].owner, 2);

	ck_assert(!WORLD(story)->objects[A].uncertain);
}
END_TEST

START_TEST(gap_forgets_readers_too)
{
	struct event story[] = { ACQUIRE_SHARED(1, RW), GAP(RW) };
	const struct world *w = WORLD(story);

	ck_assert_uint_eq(w->objects[RW].n_shared, 0);
	ck_assert_uint_eq(w->threads[1].n_held, 0);
}
END_TEST

START_TEST(init_ends_whatever_was_held)
{
	struct event story[] = { ACQUIRE(1, A), GAP(A), INIT(2, A) };
	const struct world *w = WORLD(story);

	ck_assert(!w->objects[A].uncertain);
	ck_assert_uint_eq(w->objects[A].owner, 0);
}
END_TEST

START_TEST(restated_hold_counts_once)
{
	struct event older[] = { HELD(1, A) };
	struct event seen[] = { ACQUIRE(1, A), HELD(1, A) };
	const struct world *w = WORLD(older);

	ck_assert_uint_eq(w->objects[A].owner, 1);
	ck_assert(world_holds(w, 1, A)->restated);

	w = WORLD(seen);
	ck_assert_uint_eq(w->threads[1].n_held, 1);
	ck_assert(!world_holds(w, 1, A)->restated);
}
END_TEST

START_TEST(hold_has_a_time_only_if_its_acquire_was_stamped)
{
	struct event story[] = { ACQUIRE(1, A), WHEN(70, ACQUIRE(1, B)) };
	const struct world *w = WORLD(story);

	ck_assert(!world_holds(w, 1, A)->has_time);
	ck_assert(world_holds(w, 1, B)->has_time);
	ck_assert_uint_eq(world_holds(w, 1, B)->since_ns, 70);
}
END_TEST

START_TEST(init_call_ends_the_hold_of_what_was_at_the_address)
{
	struct event held[] = { ACQUIRE(1, VARIABLE), INIT(2, VARIABLE_AGAIN) };
	struct event released[] = {
		ACQUIRE(1, VARIABLE),
		RELEASE(1, VARIABLE_AGAIN),
	};
	const struct world *w = WORLD(held);

	ck_assert_uint_eq(w->objects[VARIABLE_AGAIN].before, VARIABLE);
	ck_assert_uint_eq(w->objects[VARIABLE].before, 0);
	ck_assert_uint_eq(w->objects[VARIABLE].owner, 0);
	ck_assert_uint_eq(w->threads[1].n_held, 0);
	ck_assert_uint_eq(WORLD(released)->threads[1].n_held, 0);
}
END_TEST

START_TEST(freed_lock_is_held_by_nobody)
{
	struct event story[] = { ACQUIRE(1, A), FREED(2, A) };
	const struct world *w = WORLD(story);

	ck_assert_uint_eq(w->objects[A].owner, 0);
	ck_assert_uint_eq(w->threads[1].n_held, 0);
}
END_TEST

START_TEST(some_holder_is_known_whatever_the_mode)
{
	struct event written[] = { ACQUIRE(2, RW) };
	struct event read[] = { ACQUIRE_SHARED(3, RW) };
	struct event free[] = { ACQUIRE_SHARED(3, RW), RELEASE_SHARED(3, RW) };

	ck_assert_uint_eq(world_holder(WORLD(written), RW), 2);
	ck_assert_uint_eq(world_holder(WORLD(read), RW), 3);
	ck_assert_uint_eq(world_holder(WORLD(free), RW), 0);
}
END_TEST

START_TEST(mutex_of_a_condition_wait_is_known_during_it)
{
	struct event waits[] = { WAIT_WITH(1, CONDITION, A) };
	struct event woke[] = {
		WAIT_WITH(1, CONDITION, A),
		WAKE(1, CONDITION),
	};

	ck_assert_uint_eq(WORLD(waits)->threads[1].waits_mutex, A);
	ck_assert_uint_eq(WORLD(woke)->threads[1].waits_mutex, 0);
}
END_TEST

Suite *suite_world(void)
{
	Suite *s = suite_create("world");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, holder_is_known_between_acquire_and_release);
	tcase_add_test(tc, locks_are_kept_in_the_order_taken);
	tcase_add_test(tc, recursive_lock_is_held_until_the_last_release);
	tcase_add_test(tc, readers_are_counted_and_own_nothing);
	tcase_add_test(tc, failed_release_did_not_happen);
	tcase_add_test(tc, release_that_is_not_permitted_was_made_unseen);
	tcase_add_test(tc, failure_undoes_one_release_only);
	tcase_add_test(tc, foreign_release_frees_a_plain_mutex);
	tcase_add_test(tc, foreign_release_leaves_a_checking_mutex);
	tcase_add_test(tc, request_is_pending_until_it_is_granted_or_refused);
	tcase_add_test(tc, semaphores_are_waited_for_but_not_held);
	tcase_add_test(tc, condition_wait_is_between_wait_and_wake);
	tcase_add_test(tc, robust_mutex_leaves_its_dead_owner);
	tcase_add_test(tc, hold_that_cannot_be_was_given_up_unseen);
	tcase_add_test(tc, hold_that_ended_otherwise_was_not_given_up_unseen);
	tcase_add_test(tc, gap_makes_a_lock_uncertain_until_the_next_release);
	tcase_add_test(tc, gap_forgets_readers_too);
	tcase_add_test(tc, init_ends_whatever_was_held);
	tcase_add_test(tc, restated_hold_counts_once);
	tcase_add_test(tc, hold_has_a_time_only_if_its_acquire_was_stamped);
	tcase_add_test(tc, init_call_ends_the_hold_of_what_was_at_the_address);
	tcase_add_test(tc, freed_lock_is_held_by_nobody);
	tcase_add_test(tc, some_holder_is_known_whatever_the_mode);
	tcase_add_test(tc, mutex_of_a_condition_wait_is_known_during_it);
	suite_add_tcase(s, tc);
	return s;
}

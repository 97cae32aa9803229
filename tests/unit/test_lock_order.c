/* SPDX-License-Identifier: MIT */
/* Lock orders that can end in a deadlock; test_lock_order_model.c tries all
 * runs. */
#include <string.h>

#include "report/report_parts.h"
#include "script.h"
#include "suites.h"

extern const struct analysis analysis_lock_order;

#define FINDINGS(story) RUN(&analysis_lock_order, story)
#define ASSERT_NOTHING(story) \
	ck_assert_uint_eq(report_n_added(FINDINGS(story)), 0)

/* One lock inside another, and both given up. */
#define NEST(who, outer, inner)                                        \
	ACQUIRE(who, outer), ACQUIRE(who, inner), RELEASE(who, inner), \
		RELEASE(who, outer)
#define NEST_AT(who, outer, at, inner, then)                        \
	AT(at, ACQUIRE(who, outer)), AT(then, ACQUIRE(who, inner)), \
		RELEASE(who, inner), RELEASE(who, outer)

START_TEST(two_threads_in_different_orders_are_reported_with_both_places)
{
	struct event story[] = {
		NEST_AT(1, A, 11, B, 12),
		NEST_AT(2, B, 21, A, 22),
	};
	const struct finding *f = only_finding(FINDINGS(story));

	ck_assert_str_eq(f->rule->id, "dl-predicted");
	ck_assert_int_eq(f->level, LEVEL_WARNING);
	ck_assert_int_eq(f->tier, TIER_PREDICTED);
	ck_assert_str_eq(f->message,
			 "Thread 1 takes A, then B; thread 2 takes B, then A; "
			 "if both get their first lock, neither gets its "
			 "second; another order of this run, by all that was "
			 "recorded, comes to that");
	ck_assert_uint_eq(f->object, A);
	ck_assert_uint_eq(f->n_sides, 2);
	ck_assert_uint_eq(f->sides[0].thread, 1);
	ck_assert_uint_eq(f->sides[0].stack, 12);
	ck_assert_uint_eq(f->sides[0].waits_for, B);
	ck_assert_uint_eq(f->sides[0].n_held, 1);
	ck_assert_uint_eq(f->sides[0].held[0].object, A);
	ck_assert_uint_eq(f->sides[0].held[0].stack, 11);
	ck_assert_uint_eq(f->sides[1].thread, 2);
	ck_assert_uint_eq(f->sides[1].stack, 22);
	ck_assert_uint_eq(f->sides[1].waits_for, A);
	ck_assert_uint_eq(f->sides[1].held[0].stack, 21);
	ck_assert(f->is_circle);
}
END_TEST

START_TEST(one_order_is_no_circle)
{
	struct event story[] = { NEST(1, A, B), NEST(2, A, B), NEST(1, B, C),
				 NEST(2, A, C) };

	ASSERT_NOTHING(story);
}
END_TEST

START_TEST(gate_held_by_both_keeps_them_apart)
{
	struct event story[] = {
		ACQUIRE(1, C), NEST(1, A, B), RELEASE(1, C),
		ACQUIRE(2, C), NEST(2, B, A), RELEASE(2, C),
	};
	struct event one_side[] = {
		ACQUIRE(1, C),
		NEST(1, A, B),
		RELEASE(1, C),
		NEST(2, B, A),
	};

	ASSERT_NOTHING(story);
	only_finding(FINDINGS(one_side));
}
END_TEST

START_TEST(gate_held_by_readers_is_none_unless_one_writes)
{
	struct event readers[] = {
		ACQUIRE_SHARED(1, RW), NEST(1, A, B), RELEASE_SHARED(1, RW),
		ACQUIRE_SHARED(2, RW), NEST(2, B, A), RELEASE_SHARED(2, RW),
	};
	struct event writer[] = {
		ACQUIRE_SHARED(1, RW), NEST(1, A, B), RELEASE_SHARED(1, RW),
		ACQUIRE(2, RW),	       NEST(2, B, A), RELEASE(2, RW),
	};

	only_finding(FINDINGS(readers));
	ASSERT_NOTHING(writer);
}
END_TEST

START_TEST(orders_that_create_and_join_keep_apart_are_refuted)
{
	struct event before[] = {
		BEGIN(1, 0), NEST(1, A, B), CREATE(1, 2),
		BEGIN(2, 1), NEST(2, B, A),
	};
	struct event joined[] = {
		BEGIN(1, 0), CREATE(1, 2), BEGIN(2, 1), NEST(2, B, A),
		EXIT(2),     ENDED(2),	   JOIN(1, 2),	NEST(1, A, B),
	};
	struct event meanwhile[] = {
		BEGIN(1, 0), CREATE(1, 2),  NEST(1, A, B),
		BEGIN(2, 1), NEST(2, B, A),
	};

	ASSERT_NOTHING(before);
	ASSERT_NOTHING(joined);
	only_finding(FINDINGS(meanwhile));
}
END_TEST

/* The same places, once before the other thread was made and once after. */
START_TEST(one_of_several_moments_is_enough)
{
	struct event story[] = {
		BEGIN(1, 0),
		NEST_AT(1, A, 11, B, 12),
		CREATE(1, 2),
		BEGIN(2, 1),
		NEST_AT(2, B, 21, A, 22),
		NEST_AT(1, A, 11, B, 12),
		EXIT(2),
		ENDED(2),
		JOIN(1, 2),
		NEST_AT(1, A, 11, B, 12),
	};

	ck_assert_uint_eq(only_finding(FINDINGS(story))->n_sides, 2);
}
END_TEST

START_TEST(barrier_between_the_orders_refutes)
{
	struct event story[] = {
		NEST(1, A, B),
		told(CMSHIM_OP_ARRIVE, 1, SEM),
		told(CMSHIM_OP_ARRIVE, 2, SEM),
		told(CMSHIM_OP_DEPART, 1, SEM),
		told(CMSHIM_OP_DEPART, 2, SEM),
		NEST(2, B, A),
	};

	ASSERT_NOTHING(story);
}
END_TEST

START_TEST(try_cannot_wait_but_holds_what_it_got)
{
	struct event tried[] = {
		NEST(1, A, B),
		ACQUIRE(2, B),
		FLAGGED(CMSHIM_TRY, ACQUIRE(2, A)),
		RELEASE(2, A),
		RELEASE(2, B),
	};
	struct event held[] = {
		NEST(1, A, B), FLAGGED(CMSHIM_TRY, ACQUIRE(2, B)),
		ACQUIRE(2, A), RELEASE(2, A),
		RELEASE(2, B),
	};

	ASSERT_NOTHING(tried);
	only_finding(FINDINGS(held));
}
END_TEST

START_TEST(time_limit_makes_it_a_note)
{
	struct event story[] = {
		NEST(1, A, B),
		ACQUIRE(2, B),
		FLAGGED(CMSHIM_TIMED, ACQUIRE(2, A)),
	};
	const struct finding *f = only_finding(FINDINGS(story));

	ck_assert_int_eq(f->level, LEVEL_NOTE);
	ck_assert_ptr_nonnull(strstr(f->message, "until a time limit"));
}
END_TEST

START_TEST(readers_do_not_wait_for_readers)
{
	struct event readers[] = {
		ACQUIRE_SHARED(1, RW),	ACQUIRE_SHARED(1, RW2),
		RELEASE_SHARED(1, RW2), RELEASE_SHARED(1, RW),
		ACQUIRE_SHARED(2, RW2), ACQUIRE_SHARED(2, RW),
	};
	struct event one_writes[] = {
		ACQUIRE_SHARED(1, RW),	ACQUIRE_SHARED(1, RW2),
		RELEASE_SHARED(1, RW2), RELEASE_SHARED(1, RW),
		ACQUIRE_SHARED(2, RW2), ACQUIRE(2, RW),
	};
	struct event writers[] = {
		ACQUIRE_SHARED(1, RW), ACQUIRE(1, RW2),	       RELEASE(1, RW2),
		RELEASE_SHARED(1, RW), ACQUIRE_SHARED(2, RW2), ACQUIRE(2, RW),
	};

	ASSERT_NOTHING(readers);
	ASSERT_NOTHING(one_writes);
	only_finding(FINDINGS(writers));
}
END_TEST

START_TEST(request_that_never_succeeded_counts_and_one_that_did_once)
{
	struct event pending[] = {
		NEST(1, A, B),
		ACQUIRE(2, B),
		REQUEST(2, A),
	};
	struct event granted[] = {
		NEST_AT(1, A, 11, B, 12),
		NEST_AT(1, A, 11, B, 12),
		ACQUIRE(2, B),
		AT(22, REQUEST(2, A)),
		AT(22, WAITED(2, A, 5)),
	};

	only_finding(FINDINGS(pending));
	ck_assert_uint_eq(only_finding(FINDINGS(granted))->count, 1);
}
END_TEST

START_TEST(deadlock_that_happened_is_not_told_again)
{
	struct event story[] = {
		ACQUIRE(1, A),
		ACQUIRE(2, B),
		REQUEST(1, B),
		REQUEST(2, A),
	};

	ASSERT_NOTHING(story);
}
END_TEST

START_TEST(recursive_lock_taken_again_is_not_asked_for)
{
	struct event story[] = {
		ACQUIRE(1, RECURSIVE), ACQUIRE(1, A), ACQUIRE(1, RECURSIVE),
		RELEASE(1, RECURSIVE), RELEASE(1, A), RELEASE(1, RECURSIVE),
		NEST(2, RECURSIVE, A),
	};

	ASSERT_NOTHING(story);
}
END_TEST

START_TEST(condition_wait_asks_for_its_mutex_again)
{
	struct event story[] = {
		NEST(2, A, B), ACQUIRE(1, A), ACQUIRE(1, B), RELEASE(1, A),
		ACQUIRE(1, C), RELEASE(1, C), RELEASE(1, B),
	};
	struct event waits[] = {
		NEST(2, B, A),	    ACQUIRE(1, B),	ACQUIRE(1, A),
		RELEASE(1, B), /* the mutex of the condition */
		WAIT(1, CONDITION), WAKE(1, CONDITION), AT(30, ACQUIRE(1, B)),
	};
	const struct finding *f;

	ASSERT_NOTHING(story);
	f = only_finding(FINDINGS(waits));
	ck_assert_uint_eq(f->sides[0].thread, 1);
	ck_assert_uint_eq(f->sides[0].stack, 30);
	ck_assert_uint_eq(f->sides[0].waits_for, B);
}
END_TEST

START_TEST(semaphores_make_no_order)
{
	struct event story[] = {
		ACQUIRE(1, A), TAKE(1, SEM), POST(1, SEM),
		RELEASE(1, A), TAKE(2, SEM), ACQUIRE(2, A),
	};

	ASSERT_NOTHING(story);
}
END_TEST

START_TEST(circle_of_three_threads_is_one_finding)
{
	struct event story[] = {
		NEST(3, C, A),
		NEST(1, A, B),
		NEST(2, B, SPIN),
		NEST(4, SPIN, C),
	};
	struct event three[] = {
		NEST(2, C, A),
		NEST(3, B, C),
		NEST(1, A, B),
	};
	const struct finding *f = only_finding(FINDINGS(three));

	ck_assert_uint_eq(f->n_sides, 3);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_uint_eq(f->sides[i].held[0].object,
				  f->sides[(i + 2) % 3].waits_for);
	ck_assert_uint_eq(f->sides[0].thread, 1);
	ck_assert_uint_eq(only_finding(FINDINGS(story))->n_sides, 4);
}
END_TEST

/* Whoever is on a circle has to be there at once: twice is not possible. */
START_TEST(circle_needs_as_many_threads_as_orders)
{
	struct event story[] = {
		NEST(1, A, B),
		NEST(2, B, C),
		NEST(1, C, A),
	};

	ASSERT_NOTHING(story);
}
END_TEST

/* The third asks for A at two places, of locks that are variables. */
START_TEST(circles_of_three_by_other_places_are_one_finding)
{
	struct event story[] = {
		NEST_AT(1, A, 11, B, 12), NEST_AT(2, B, 21, C, 22),
		NEST_AT(3, C, 31, A, 32), NEST_AT(3, C, 31, A, 33),
		NEST_AT(3, C, 31, A, 33),
	};
	const struct finding *f = only_finding(FINDINGS(story));

	ck_assert_uint_eq(f->n_sides, 3);
	ck_assert_uint_eq(f->count, 2);
	ck_assert_ptr_nonnull(strstr(f->message, "; 1 more circle of locks"));
}
END_TEST

/* Two ways round, over B and over SPIN, that ask at the same places. */
START_TEST(circles_at_the_same_places_are_one_finding)
{
	struct event story[] = {
		NEST_AT(1, A, 11, B, 12),    NEST_AT(2, B, 21, C, 22),
		NEST_AT(3, C, 31, A, 32),    NEST_AT(1, A, 11, SPIN, 12),
		NEST_AT(2, SPIN, 21, C, 22),
	};
	const struct report *r = FINDINGS(story);

	ck_assert_uint_eq(report_n_added(r), 1);
	ck_assert_uint_eq(report_added(r, 0)->count, 2);
}
END_TEST

START_TEST(circles_of_other_locks_at_other_places_stay_apart)
{
	struct event story[] = {
		NEST_AT(1, A, 11, B, 12),    NEST_AT(2, B, 21, C, 22),
		NEST_AT(3, C, 31, A, 32),    NEST_AT(1, A, 11, SPIN, 13),
		NEST_AT(2, SPIN, 21, C, 22),
	};

	ck_assert_uint_eq(report_n_added(FINDINGS(story)), 2);
}
END_TEST

/* By time limit it would be a note; the other way round is not. */
START_TEST(what_is_sure_is_shown_of_circles_that_are_one_finding)
{
	struct event story[] = {
		NEST_AT(1, A, 11, B, 12),
		NEST_AT(2, B, 21, C, 22),
		AT(31, ACQUIRE(3, C)),
		AT(32, FLAGGED(CMSHIM_TIMED, ACQUIRE(3, A))),
		RELEASE(3, A),
		RELEASE(3, C),
		NEST_AT(3, C, 31, A, 33),
	};
	const struct finding *f = only_finding(FINDINGS(story));

	ck_assert_int_eq(f->level, LEVEL_WARNING);
	ck_assert_uint_eq(f->count, 2);
}
END_TEST

START_TEST(longer_circle_is_one_note)
{
	struct event story[] = {
		NEST(1, A, B),	       NEST(2, B, C),	   NEST(3, C, RW),
		NEST(4, RW, RW2),      NEST(5, RW2, A),	   NEST(6, RW2, SPIN),
		NEST(7, SPIN, ROBUST), NEST(8, ROBUST, A),
	};
	const struct finding *f = only_finding(FINDINGS(story));

	ck_assert_int_eq(f->level, LEVEL_NOTE);
	ck_assert_uint_eq(f->n_sides, 5);
}
END_TEST

START_TEST(circle_with_a_shorter_one_inside_is_left_out)
{
	/* 1 waits for both readers, and the second one for it. */
	struct event story[] = {
		ACQUIRE(1, A),	       ACQUIRE(1, RW),	      RELEASE(1, RW),
		RELEASE(1, A),	       ACQUIRE_SHARED(2, RW), ACQUIRE(2, C),
		RELEASE(2, C),	       RELEASE_SHARED(2, RW), ACQUIRE(3, C),
		ACQUIRE_SHARED(3, RW), ACQUIRE(3, A),
	};
	const struct finding *f = only_finding(FINDINGS(story));

	ck_assert_uint_eq(f->n_sides, 2);
	ck_assert_uint_eq(f->sides[0].thread, 1);
	ck_assert_uint_eq(f->sides[1].thread, 3);
}
END_TEST

START_TEST(one_thread_alone_is_a_note_of_its_own)
{
	struct event story[] = { NEST(1, A, B), NEST(1, B, A) };
	struct event gate[] = {
		ACQUIRE(1, C),
		NEST(1, A, B),
		NEST(1, B, A),
		RELEASE(1, C),
	};
	struct event other_with_more[] = {
		NEST(1, A, B), NEST(1, B, A), ACQUIRE(2, A),
		ACQUIRE(2, C), ACQUIRE(2, B),
	};
	struct event other_agrees[] = {
		NEST(1, A, B),
		NEST(1, B, A),
		NEST(2, A, B),
	};
	const struct finding *f = only_finding(FINDINGS(story));

	ck_assert_str_eq(f->rule->id, "dl-same-thread-order");
	ck_assert_int_eq(f->level, LEVEL_NOTE);
	ck_assert_uint_eq(f->n_sides, 2);
	ASSERT_NOTHING(gate);
	f = only_finding(FINDINGS(other_with_more));
	ck_assert_str_eq(f->rule->id, "dl-predicted");
	f = only_finding(FINDINGS(other_agrees));
	ck_assert_str_eq(f->rule->id, "dl-predicted");
	ck_assert_uint_ne(f->sides[0].thread, f->sides[1].thread);
}
END_TEST

START_TEST(same_places_are_one_finding_and_others_another)
{
	struct event again[] = {
		NEST_AT(1, A, 11, B, 12), NEST_AT(2, B, 21, A, 22),
		NEST_AT(3, A, 11, B, 12), NEST_AT(4, B, 21, A, 22),
		NEST_AT(4, B, 21, A, 22),
	};
	struct event elsewhere[] = {
		NEST_AT(1, A, 11, B, 12),
		NEST_AT(2, B, 21, A, 22),
		NEST_AT(3, A, 31, B, 12),
	};

	ck_assert_uint_eq(only_finding(FINDINGS(again))->count, 2);
	ck_assert_uint_eq(report_n_added(FINDINGS(elsewhere)), 2);
}
END_TEST

START_TEST(after_lost_events_it_is_a_note)
{
	struct event story[] = {
		NEST(1, A, B),
		DROP(2),
		NEST(2, B, A),
	};
	const struct finding *f = only_finding(FINDINGS(story));

	ck_assert_int_eq(f->level, LEVEL_NOTE);
	ck_assert_ptr_nonnull(strstr(f->message, "events are missing"));
}
END_TEST

/* Objects that script.h does not have; to be freed. */
static struct report *run_with(const struct trace_info *info,
			       const struct event *story, size_t n)
{
	struct report *r = report_new();
	struct world world;
	void *state;

	report_begin(r, info);
	world_init(&world, info, false);
	state = analysis_lock_order.begin(report_arena(r), info);
	for (size_t i = 0; i < n; i++) {
		struct event ev = story[i];

		ev.index = i;
		analysis_hearer(&analysis_lock_order, ev.op,
				ev.has_time)(state, &ev, &world);
		world_apply(&world, &ev);
	}
	analysis_lock_order.finish(state, &world, r);
	world_release(&world);
	return r;
}

/*
 * The level of the finding about A and B in both orders if A is such an
 * object; B is a variable of a module that is there from 0x1000 to 0x2000.
 */
static enum level level_with(struct object_info a)
{
	const struct object_info objects[] = {
		[A] = a,
		[B] = { .class = CMSHIM_MUTEX, .address = 0x1800 },
	};
	static const struct module_info module = {
		.path = "program",
		.first = 0x1000,
		.end = 0x2000,
		.gone = UINT32_MAX,
	};
	static const struct cmshim_header header = { .state = CMSHIM_EXITED };
	static const struct thread_info threads[3];
	const struct trace_info info = {
		.header = &header,
		.objects = objects,
		.threads = threads,
		.modules = &module,
		.n_objects = 3,
		.n_threads = 3,
		.n_modules = 1,
	};
	const struct event story[] = { NEST(1, A, B), NEST(2, B, A) };
	struct report *r = run_with(&info, story, N_EVENTS(story));
	enum level level = only_finding(r)->level;

	report_free(r);
	return level;
}

START_TEST(lock_whose_memory_may_have_been_another_is_a_note)
{
	struct object_info variable = { .class = CMSHIM_MUTEX,
					.address = 0x1000 };
	struct object_info heap = { .class = CMSHIM_MUTEX, .address = 0x2000 };
	struct object_info initialised = { .class = CMSHIM_MUTEX,
					   .kind = CMSHIM_SEEN_INIT,
					   .address = 0x2000 };

	ck_assert_int_eq(level_with(variable), LEVEL_WARNING);
	ck_assert_int_eq(level_with(heap), LEVEL_NOTE);
	ck_assert_int_eq(level_with(initialised), LEVEL_WARNING);
}
END_TEST

/* Two threads take 60 locks in all orders: 60 * 59 / 2 pairs. */
START_TEST(what_is_too_much_to_report_is_said)
{
	enum { LOCKS = 60, TOLD = LOCKS * (LOCKS - 1) * 2 * 4 };
	static struct object_info objects[LOCKS + 1];
	static const struct cmshim_header header = { .state = CMSHIM_EXITED };
	static const struct thread_info threads[3];
	static struct event story[TOLD];
	const struct trace_info info = {
		.header = &header,
		.objects = objects,
		.threads = threads,
		.n_objects = LOCKS + 1,
		.n_threads = 3,
	};
	struct report *r;
	size_t n = 0, n_limits = 0;

	for (uint32_t a = 1; a <= LOCKS; a++) {
		objects[a].class = CMSHIM_MUTEX;
		for (uint32_t b = 1; b <= LOCKS; b++) {
			struct event both[] = { NEST(1, a, b), NEST(2, a, b) };

			if (a == b)
				continue;
			memcpy(&story[n], both, sizeof(both));
			n += N_EVENTS(both);
		}
	}
	r = run_with(&info, story, n);
	ck_assert_uint_eq(report_n_added(r), 1001);
	for (size_t i = 0; i < report_n_added(r); i++)
		n_limits += report_added(r, i)->n_sides == 0;
	ck_assert_uint_eq(n_limits, 1);
	report_free(r);
}
END_TEST

/* Litmus 26. */
START_TEST(readers_in_different_orders_meet_behind_preferred_writers)
{
#define READ_BOTH(who, outer, inner)                            \
	ACQUIRE_SHARED(who, outer), ACQUIRE_SHARED(who, inner), \
		RELEASE_SHARED(who, inner), RELEASE_SHARED(who, outer)
	struct event writer[] = {
		ACQUIRE(3, RW_WRITERS),
		RELEASE(3, RW_WRITERS),
		ACQUIRE_SHARED(1, RW_WRITERS),
		ACQUIRE(1, A),
		RELEASE(1, A),
		RELEASE_SHARED(1, RW_WRITERS),
		ACQUIRE(2, A),
		ACQUIRE_SHARED(2, RW_WRITERS),
		RELEASE_SHARED(2, RW_WRITERS),
		RELEASE(2, A),
	};
	struct event nobody_writes[] = {
		ACQUIRE_SHARED(1, RW_WRITERS),
		ACQUIRE(1, A),
		RELEASE(1, A),
		RELEASE_SHARED(1, RW_WRITERS),
		ACQUIRE(2, A),
		ACQUIRE_SHARED(2, RW_WRITERS),
		RELEASE_SHARED(2, RW_WRITERS),
		RELEASE(2, A),
	};
	struct event one_of_them_writes[] = {
		ACQUIRE(2, RW_WRITERS),
		RELEASE(2, RW_WRITERS),
		ACQUIRE_SHARED(1, RW_WRITERS),
		ACQUIRE(1, A),
		RELEASE(1, A),
		RELEASE_SHARED(1, RW_WRITERS),
		ACQUIRE(2, A),
		ACQUIRE_SHARED(2, RW_WRITERS),
		RELEASE_SHARED(2, RW_WRITERS),
		RELEASE(2, A),
	};
	struct event default_kind[] = {
		ACQUIRE(3, RW),	 RELEASE(3, RW),	ACQUIRE(3, RW2),
		RELEASE(3, RW2), READ_BOTH(1, RW, RW2), READ_BOTH(2, RW2, RW),
	};
	const struct finding *f = only_finding(FINDINGS(writer));

	ck_assert_str_eq(f->rule->id, "dl-potential");
	ck_assert_int_eq(f->level, LEVEL_NOTE);
	ck_assert_ptr_nonnull(strstr(f->message, "prefer"));
	ASSERT_NOTHING(nobody_writes);
	ASSERT_NOTHING(one_of_them_writes);
	ASSERT_NOTHING(default_kind);
}
END_TEST

START_TEST(order_under_a_lock_given_up_unseen_is_none)
{
	struct event noticed[] = {
		ACQUIRE(1, A),
		ACQUIRE(1, B),
		RELEASE(1, B),
		NEST(2, B, A),
		FLAGGED(CMSHIM_UNSEEN, RELEASE(1, A)),
	};
	struct event taken[] = {
		NEST(2, B, A), ACQUIRE(1, A), ACQUIRE(1, B),
		RELEASE(1, B), ACQUIRE(2, A), RELEASE(2, A),
	};
	struct event of_one_thread[] = {
		NEST(1, B, A), ACQUIRE(1, A), ACQUIRE(1, B),
		RELEASE(1, B), ACQUIRE(1, A),
	};
	/* Others are as they were. */
	struct event other_lock[] = {
		ACQUIRE(1, C), ACQUIRE(2, C), RELEASE(2, C),
		NEST(1, A, B), NEST(2, B, A),
	};

	ASSERT_NOTHING(noticed);
	ASSERT_NOTHING(taken);
	ASSERT_NOTHING(of_one_thread);
	only_finding(FINDINGS(other_lock));
}
END_TEST

Suite *suite_lock_order(void)
{
	Suite *s = suite_create("lock_order");
	TCase *tc = tcase_create("all");

	tcase_add_test(
		tc,
		two_threads_in_different_orders_are_reported_with_both_places);
	tcase_add_test(tc, one_order_is_no_circle);
	tcase_add_test(tc, gate_held_by_both_keeps_them_apart);
	tcase_add_test(tc, gate_held_by_readers_is_none_unless_one_writes);
	tcase_add_test(tc, orders_that_create_and_join_keep_apart_are_refuted);
	tcase_add_test(tc, one_of_several_moments_is_enough);
	tcase_add_test(tc, try_cannot_wait_but_holds_what_it_got);
	tcase_add_test(tc, time_limit_makes_it_a_note);
	tcase_add_test(tc, readers_do_not_wait_for_readers);
	tcase_add_test(
		tc, request_that_never_succeeded_counts_and_one_that_did_once);
	tcase_add_test(tc, deadlock_that_happened_is_not_told_again);
	tcase_add_test(tc, recursive_lock_taken_again_is_not_asked_for);
	tcase_add_test(tc, condition_wait_asks_for_its_mutex_again);
	tcase_add_test(tc, semaphores_make_no_order);
	tcase_add_test(tc, barrier_between_the_orders_refutes);
	tcase_add_test(tc, circle_of_three_threads_is_one_finding);
	tcase_add_test(tc, circle_needs_as_many_threads_as_orders);
	tcase_add_test(tc, circles_of_three_by_other_places_are_one_finding);
	tcase_add_test(tc, circles_at_the_same_places_are_one_finding);
	tcase_add_test(tc, circles_of_other_locks_at_other_places_stay_apart);
	tcase_add_test(tc,
		       what_is_sure_is_shown_of_circles_that_are_one_finding);
	tcase_add_test(tc, longer_circle_is_one_note);
	tcase_add_test(tc, circle_with_a_shorter_one_inside_is_left_out);
	tcase_add_test(tc, one_thread_alone_is_a_note_of_its_own);
	tcase_add_test(tc, same_places_are_one_finding_and_others_another);
	tcase_add_test(tc, after_lost_events_it_is_a_note);
	tcase_add_test(tc, lock_whose_memory_may_have_been_another_is_a_note);
	tcase_add_test(tc, what_is_too_much_to_report_is_said);
	tcase_add_test(
		tc, readers_in_different_orders_meet_behind_preferred_writers);
	tcase_add_test(tc, order_under_a_lock_given_up_unseen_is_none);
	suite_add_tcase(s, tc);
	return s;
}

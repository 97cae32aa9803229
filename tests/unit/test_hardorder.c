/* SPDX-License-Identifier: MIT */
/* Order by threads being made and joined and by barriers. */
#include "world/hardorder.h"

#include "suites.h"

enum { MANY = 600, BARRIER = 1, MUTEX = 2 };

static const struct object_info objects[] = {
	[BARRIER] = { .class = CMSHIM_BARRIER },
	[MUTEX] = { .class = CMSHIM_MUTEX },
};
static const struct trace_info info = {
	.objects = objects,
	.n_objects = 3,
	.n_threads = MANY,
};

static struct hardorder *order;

static void setup(void)
{
	order = hardorder_new(&info);
}

static void teardown(void)
{
	hardorder_free(order);
}

static struct moment now(uint32_t thread)
{
	return hardorder_now(order, thread);
}

static void happens(int op, uint32_t thread, uint32_t with)
{
	bool is_thread = op == CMSHIM_OP_CREATE || op == CMSHIM_OP_JOIN ||
			 op == CMSHIM_OP_START;
	struct event ev = {
		.op = (uint8_t)op,
		.thread = thread,
		.object = is_thread ? 0 : with,
		.other = is_thread ? with : 0,
	};

	hardorder_event(order, &ev);
}

static void make(uint32_t parent, uint32_t child)
{
	happens(CMSHIM_OP_CREATE, parent, child);
	happens(CMSHIM_OP_START, child, parent);
}

#define ORDERED(a, b)                                \
	(hardorder_are_ordered(order, &(a), &(b)) && \
	 hardorder_are_ordered(order, &(b), &(a)))
#define UNORDERED(a, b)                               \
	(!hardorder_are_ordered(order, &(a), &(b)) && \
	 !hardorder_are_ordered(order, &(b), &(a)))

START_TEST(what_the_parent_did_before_creating_comes_first)
{
	struct moment before = now(1), after, child;

	make(1, 2);
	after = now(1);
	child = now(2);
	ck_assert(ORDERED(before, child));
	ck_assert(UNORDERED(after, child));
	ck_assert_uint_ne(before.phase, after.phase);
}
END_TEST

/* The order is that of the CREATE, however late the child begins. */
START_TEST(what_the_parent_does_while_the_child_is_not_up_yet_is_not_ordered)
{
	struct moment between, child;

	happens(CMSHIM_OP_CREATE, 1, 2);
	between = now(1);
	make(1, 3);
	happens(CMSHIM_OP_START, 2, 1);
	child = now(2);
	ck_assert(UNORDERED(between, child));
}
END_TEST

START_TEST(all_of_a_thread_comes_before_its_join)
{
	struct moment child, during, after;

	make(1, 2);
	child = now(2);
	during = now(1);
	happens(CMSHIM_OP_JOIN, 1, 2);
	after = now(1);
	ck_assert(UNORDERED(child, during));
	ck_assert(ORDERED(child, after));
}
END_TEST

START_TEST(order_goes_on_through_third_threads)
{
	struct moment first, third, other;

	make(1, 2);
	make(1, 4);
	first = now(2);
	other = now(4);
	happens(CMSHIM_OP_JOIN, 1, 2);
	make(1, 3);
	third = now(3);
	ck_assert(ORDERED(first, third));
	ck_assert(UNORDERED(other, third));
}
END_TEST

START_TEST(nothing_is_known_of_a_thread_whose_creation_was_not_seen)
{
	struct moment parent = now(1), child;

	happens(CMSHIM_OP_START, 2, 0);
	child = now(2);
	ck_assert(UNORDERED(parent, child));
}
END_TEST

START_TEST(barrier_keeps_what_is_before_from_what_is_after)
{
	struct moment before[2], after[2];

	for (uint32_t i = 0; i < 2; i++) {
		before[i] = now(i + 1);
		happens(CMSHIM_OP_ARRIVE, i + 1, BARRIER);
	}
	for (uint32_t i = 0; i < 2; i++) {
		happens(CMSHIM_OP_DEPART, i + 1, BARRIER);
		after[i] = now(i + 1);
	}
	ck_assert(UNORDERED(before[0], before[1]));
	ck_assert(UNORDERED(after[0], after[1]));
	ck_assert(ORDERED(before[0], after[1]));
	ck_assert(ORDERED(before[1], after[0]));
}
END_TEST

/*
 * Thread 2 comes to the barrier a second time before thread 1 has left it
 * the first time: thread 1 has not waited for that.
 */
START_TEST(who_departs_late_does_not_know_the_next_arrivals)
{
	struct moment between, late;

	happens(CMSHIM_OP_ARRIVE, 1, BARRIER);
	happens(CMSHIM_OP_ARRIVE, 2, BARRIER);
	happens(CMSHIM_OP_DEPART, 2, BARRIER);
	between = now(2);
	happens(CMSHIM_OP_ARRIVE, 2, BARRIER);
	happens(CMSHIM_OP_DEPART, 1, BARRIER);
	late = now(1);
	ck_assert(UNORDERED(between, late));
	happens(CMSHIM_OP_ARRIVE, 1, BARRIER);
	happens(CMSHIM_OP_DEPART, 1, BARRIER);
	late = now(1);
	ck_assert(ORDERED(between, late));
}
END_TEST

START_TEST(locks_order_nothing)
{
	struct moment a = now(1), b;

	happens(CMSHIM_OP_RELEASE, 1, MUTEX);
	happens(CMSHIM_OP_ACQUIRE, 2, MUTEX);
	b = now(2);
	ck_assert(UNORDERED(a, b));
	ck_assert_uint_eq(a.phase, now(1).phase);
}
END_TEST

START_TEST(gap_of_a_barrier_parts_before_from_after)
{
	struct moment before = now(1), other = now(2), after;

	happens(EVENT_GAP, 0, MUTEX);
	after = now(2);
	ck_assert(UNORDERED(before, after));
	happens(EVENT_GAP, 0, BARRIER);
	after = now(2);
	ck_assert(ORDERED(before, after));
	ck_assert(UNORDERED(before, other));
}
END_TEST

/* More threads than one row of the trees has room for, at all levels. */
START_TEST(each_of_many_threads_is_known_by_itself)
{
	static struct moment children[MANY];
	struct moment end;

	for (uint32_t i = 2; i < MANY; i++) {
		make(1, i);
		children[i] = now(i);
	}
	for (uint32_t i = 2; i < MANY; i += 2)
		happens(CMSHIM_OP_JOIN, 1, i);
	end = now(1);
	for (uint32_t i = 2; i < MANY; i++) {
		if (i % 2)
			ck_assert(UNORDERED(children[i], end));
		else
			ck_assert(ORDERED(children[i], end));
	}
	ck_assert(UNORDERED(children[7], children[599]));
}
END_TEST

Suite *suite_hardorder(void)
{
	Suite *s = suite_create("hardorder");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_the_parent_did_before_creating_comes_first);
	tcase_add_test(
		tc,
		what_the_parent_does_while_the_child_is_not_up_yet_is_not_ordered);
	tcase_add_test(tc, all_of_a_thread_comes_before_its_join);
	tcase_add_test(tc, order_goes_on_through_third_threads);
	tcase_add_test(
		tc, nothing_is_known_of_a_thread_whose_creation_was_not_seen);
	tcase_add_test(tc, barrier_keeps_what_is_before_from_what_is_after);
	tcase_add_test(tc, who_departs_late_does_not_know_the_next_arrivals);
	tcase_add_test(tc, locks_order_nothing);
	tcase_add_test(tc, gap_of_a_barrier_parts_before_from_after);
	tcase_add_test(tc, each_of_many_threads_is_known_by_itself);
	suite_add_tcase(s, tc);
	return s;
}

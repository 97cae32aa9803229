/* SPDX-License-Identifier: MIT */
/* Circles among lock orders. */
#include "locks/lockgraph.h"

#include <string.h>

#include "suites.h"

enum { MAX_FOUND = 64, N_LOCKS = 4096, MANY = 2000 };

#define W(lock) lock_word(lock, false)
#define R(lock) lock_word(lock, true)

static struct {
	uint32_t orders[LOCKGRAPH_LONG];
	size_t n;
} found[MAX_FOUND];
static size_t n_found;
static bool answer; /* to "is it real?" */

static bool note(void *with, const uint32_t *orders, size_t n)
{
	(void)with;
	if (n_found < MAX_FOUND) {
		memcpy(found[n_found].orders, orders, n * sizeof(*orders));
		found[n_found].n = n;
	}
	n_found++;
	return answer;
}

static bool search(const struct lock_order *orders, size_t n)
{
	n_found = 0;
	return lockgraph_search(orders, n, N_LOCKS, note, NULL);
}

#define ORDER(thread, asks, ...)                                      \
	{                                                             \
		.held = (const uint32_t[]){ __VA_ARGS__ },            \
		.n_held = sizeof((const uint32_t[]){ __VA_ARGS__ }) / \
			  sizeof(uint32_t),                           \
		.asked = (asks), .only_thread = (thread)              \
	}
#define SEARCH(orders) search(orders, sizeof(orders) / sizeof((orders)[0]))

START_TEST(circle_is_found_once_from_its_lowest_order)
{
	const struct lock_order orders[] = {
		{ .n_held = 0 },      ORDER(1, W(3), W(2)),
		ORDER(2, W(9), W(8)), /* on no circle */
		ORDER(2, W(1), W(3)), ORDER(3, W(2), W(1)),
	};

	answer = true;
	ck_assert(SEARCH(orders));
	ck_assert_uint_eq(n_found, 1);
	ck_assert_uint_eq(found[0].n, 3);
	ck_assert_uint_eq(found[0].orders[0], 1);
	ck_assert_uint_eq(found[0].orders[1], 3);
	ck_assert_uint_eq(found[0].orders[2], 4);
}
END_TEST

START_TEST(all_circles_of_one_group_are_found)
{
	const struct lock_order orders[] = {
		{ .n_held = 0 },      ORDER(1, W(2), W(1)),
		ORDER(2, W(1), W(2)), ORDER(3, W(1), W(2), W(7)),
		ORDER(4, W(3), W(2)), ORDER(5, W(1), W(3)),
	};

	answer = true;
	ck_assert(SEARCH(orders));
	/* 1-2, 1-3 and 1-4-5 */
	ck_assert_uint_eq(n_found, 3);
	ck_assert_uint_eq(found[2].n, 3);
}
END_TEST

START_TEST(one_thread_is_on_no_circle_of_three_but_told_of_its_own_two)
{
	const struct lock_order three[] = {
		{ .n_held = 0 },
		ORDER(1, W(2), W(1)),
		ORDER(2, W(3), W(2)),
		ORDER(1, W(1), W(3)),
	};
	const struct lock_order two[] = {
		{ .n_held = 0 },
		ORDER(1, W(2), W(1)),
		ORDER(1, W(1), W(2)),
	};

	answer = false;
	ck_assert(SEARCH(three));
	ck_assert_uint_eq(n_found, 0);
	ck_assert(SEARCH(two));
	ck_assert_uint_eq(n_found, 1);
}
END_TEST

START_TEST(long_circles_count_only_where_no_short_one_is_real)
{
	const struct lock_order orders[] = {
		{ .n_held = 0 },      ORDER(1, W(2), W(1)),
		ORDER(2, W(3), W(2)), ORDER(3, W(4), W(3)),
		ORDER(4, W(5), W(4)), ORDER(5, W(1), W(5)),
		ORDER(6, W(1), W(2)),
	};

	answer = true;
	ck_assert(SEARCH(orders));
	ck_assert_uint_eq(n_found, 1);
	ck_assert_uint_eq(found[0].n, 2);
	answer = false;
	ck_assert(SEARCH(orders));
	ck_assert_uint_eq(n_found, 2);
	ck_assert_uint_eq(found[1].n, 5);
}
END_TEST

START_TEST(readers_keep_out_writers_only)
{
	const struct lock_order orders[] = {
		{ .n_held = 0 },
		ORDER(1, R(2), W(1)),
		ORDER(2, W(1), R(2)),
		ORDER(3, W(1), W(2)),
	};

	answer = true;
	ck_assert(SEARCH(orders));
	ck_assert_uint_eq(n_found, 1);
	ck_assert_uint_eq(found[0].orders[1], 3);
}
END_TEST

/* Two thousand locks in one chain: no circle, and no deep C stack. */
START_TEST(long_chain_is_walked_and_its_end_found)
{
	static struct lock_order orders[MANY + 1];
	static uint32_t held[MANY + 1];

	for (uint32_t i = 1; i <= MANY; i++) {
		held[i] = W(i);
		orders[i] = (struct lock_order){
			.held = &held[i],
			.n_held = 1,
			.asked = W(i + 1),
			.only_thread = i,
		};
	}
	answer = true;
	ck_assert(search(orders, MANY + 1));
	ck_assert_uint_eq(n_found, 0);
	/* Closed it is longer than what is looked at; with this it is two. */
	orders[MANY].asked = W(MANY - 1);
	ck_assert(search(orders, MANY + 1));
	ck_assert_uint_eq(n_found, 1);
}
END_TEST

/*
 * Each of 60 locks is asked for with each other one held: millions of
 * circles.  The search ends and says that it did, and the shortest circles,
 * one for each of the 60 * 59 / 2 pairs of locks, came first.
 */
START_TEST(search_without_end_is_given_up)
{
	enum { LOCKS = 60, N = LOCKS * (LOCKS - 1) };
	static struct lock_order orders[N + 1];
	static uint32_t held[LOCKS + 1];
	size_t n = 1;

	for (uint32_t a = 1; a <= LOCKS; a++) {
		held[a] = W(a);
		for (uint32_t b = 1; b <= LOCKS; b++)
			if (a != b)
				orders[n++] = (struct lock_order){
					.held = &held[a],
					.n_held = 1,
					.asked = W(b),
				};
	}
	answer = false;
	ck_assert(!search(orders, n));
	ck_assert_uint_gt(n_found, LOCKS * (LOCKS - 1) / 2);
	for (size_t i = 0; i < MAX_FOUND; i++)
		ck_assert_uint_eq(found[i].n, 2);
}
END_TEST

Suite *suite_lockgraph(void)
{
	Suite *s = suite_create("lockgraph");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, circle_is_found_once_from_its_lowest_order);
	tcase_add_test(tc, all_circles_of_one_group_are_found);
	tcase_add_test(
		tc,
		one_thread_is_on_no_circle_of_three_but_told_of_its_own_two);
	tcase_add_test(tc, long_circles_count_only_where_no_short_one_is_real);
	tcase_add_test(tc, readers_keep_out_writers_only);
	tcase_add_test(tc, long_chain_is_walked_and_its_end_found);
	tcase_add_test(tc, search_without_end_is_given_up);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/* The waiting-for graph: who waits for whom, at first and second hand. */
#include "replay/waiting.h"

#include <check.h>
#include <string.h>

#include "suites.h"

enum { MAIN = 1, CLIENT, OTHER_CLIENT, SERVER, DISK };

static const struct thread_info threads[] = {
	[MAIN] = { .number = 1 },
	[CLIENT] = { .number = 2, .start_routine = 100 },
	[OTHER_CLIENT] = { .number = 3, .start_routine = 100 },
	[SERVER] = { .number = 4, .start_routine = 200 },
	[DISK] = { .number = 5, .start_routine = 300 },
};

static const struct trace_info info = {
	.threads = threads,
	.n_threads = sizeof(threads) / sizeof(threads[0]),
};

static struct replay_groups groups;
static struct waiting *waiting;

static void set_up(void)
{
	memset(&groups, 0, sizeof(groups));
	waiting = waiting_new(&info, &groups);
}

static void tear_down(void)
{
	waiting_free(waiting);
}

static uint32_t group(uint32_t thread)
{
	for (uint32_t i = 0; i < groups.n; i++)
		if (groups.of_thread[i] == thread)
			return i;
	ck_abort_msg("no group of thread %u", thread);
	return 0;
}

static double waited(uint32_t thread, uint32_t for_thread)
{
	return groups.wait_ns[group(thread)][group(for_thread)];
}

START_TEST(threads_with_one_start_routine_are_one_group)
{
	waiting_add(waiting, CLIENT, SERVER, 0, 10);
	waiting_add(waiting, OTHER_CLIENT, SERVER, 0, 5);
	ck_assert_uint_eq(groups.n, 4);
	ck_assert_uint_eq(groups.n_threads[group(CLIENT)], 2);
	ck_assert_uint_eq(groups.n_threads[group(MAIN)], 1);
	ck_assert_double_eq(waited(CLIENT, SERVER), 15);
}
END_TEST

/* The server waits for the disk from 2 to 8 of the client's 0 to 10. */
START_TEST(wait_for_who_waits_counts_for_the_third)
{
	waiting_add(waiting, SERVER, DISK, 2, 8);
	waiting_add(waiting, CLIENT, SERVER, 0, 10);
	ck_assert_double_eq(waited(CLIENT, SERVER), 4);
	ck_assert_double_eq(waited(CLIENT, DISK), 6);
	ck_assert_double_eq(waited(SERVER, DISK), 6);
	ck_assert_uint_eq(waiting_knots(&groups), 1u << group(DISK));
}
END_TEST

START_TEST(only_what_lies_in_the_wait_counts)
{
	waiting_add(waiting, SERVER, DISK, 0, 4);
	waiting_add(waiting, SERVER, DISK, 20, 30);
	waiting_add(waiting, CLIENT, SERVER, 3, 10);
	ck_assert_double_eq(waited(CLIENT, SERVER), 6);
	ck_assert_double_eq(waited(CLIENT, DISK), 1);
}
END_TEST

START_TEST(groups_that_wait_for_one_another_are_a_knot)
{
	waiting_add(waiting, SERVER, DISK, 0, 5);
	waiting_add(waiting, DISK, SERVER, 10, 15);
	waiting_add(waiting, CLIENT, SERVER, 20, 25);
	waiting_add(waiting, MAIN, CLIENT, 30, 35);
	ck_assert_uint_eq(waiting_knots(&groups),
			  1u << group(SERVER) | 1u << group(DISK));
}
END_TEST

START_TEST(little_waiting_makes_no_knot)
{
	waiting_add(waiting, SERVER, DISK, 0, 5);
	waiting_add(waiting, CLIENT, SERVER, 1000, 2000);
	ck_assert_uint_eq(waiting_knots(&groups), 1u << group(SERVER));
}
END_TEST

START_TEST(without_waits_there_is_no_knot)
{
	ck_assert_uint_eq(waiting_knots(&groups), 0);
}
END_TEST

Suite *suite_waiting(void)
{
	Suite *s = suite_create("waiting");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, threads_with_one_start_routine_are_one_group);
	tcase_add_test(tc, wait_for_who_waits_counts_for_the_third);
	tcase_add_test(tc, only_what_lies_in_the_wait_counts);
	tcase_add_test(tc, groups_that_wait_for_one_another_are_a_knot);
	tcase_add_test(tc, little_waiting_makes_no_knot);
	tcase_add_test(tc, without_waits_there_is_no_knot);
	suite_add_tcase(s, tc);
	return s;
}

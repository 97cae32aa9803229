/* SPDX-License-Identifier: MIT */
/*
 * Thread handles come again: which number a handle has, at each moment of the
 * lives of the threads that have it one after the other.
 */
#include <check.h>

#include "shim/object.h"
#include "shim/process.h"
#include "shim/thread.h"
#include "suites.h"

#define HANDLE ((pthread_t)0x7f0000001000)

static void setup(void)
{
	ck_assert(process_prepare(0, NULL));
	ck_assert(object_begin());
	atomic_store(&process->state, PROCESS_RECORDING);
}

START_TEST(joined_after_it_ran)
{
	uint32_t before;

	ck_assert_uint_eq(thread_number(HANDLE), 0);
	thread_set_number(HANDLE, 2);
	before = thread_number(HANDLE);
	ck_assert_uint_eq(before, 2);
	thread_ends(HANDLE, 2);
	ck_assert_uint_eq(thread_joined(HANDLE, before), 2);
	ck_assert_uint_eq(thread_number(HANDLE), 0);
}
END_TEST

/* The handle was thread 2's; thread 3 has not run when it is joined. */
START_TEST(joined_before_it_ran)
{
	uint32_t before;

	thread_set_number(HANDLE, 2);
	thread_ends(HANDLE, 2);
	thread_joined(HANDLE, 0);
	before = thread_number(HANDLE);
	thread_set_number(HANDLE, 3);
	thread_ends(HANDLE, 3);
	ck_assert_uint_eq(thread_joined(HANDLE, before), 3);
}
END_TEST

/* Nobody joins a detached thread: its number is not the next one's. */
START_TEST(detached_then_joined)
{
	uint32_t before;

	thread_set_number(HANDLE, 2);
	thread_ends(HANDLE, 2);
	before = thread_number(HANDLE);
	ck_assert_uint_eq(before, 0);
	thread_set_number(HANDLE, 3);
	ck_assert_uint_eq(thread_joined(HANDLE, before), 3);
}
END_TEST

/* The handle is thread 3's already when thread 2's joiner looks again. */
START_TEST(joined_and_used_again)
{
	uint32_t before;

	thread_set_number(HANDLE, 2);
	before = thread_number(HANDLE);
	thread_ends(HANDLE, 2);
	thread_set_number(HANDLE, 3);
	ck_assert_uint_eq(thread_joined(HANDLE, before), 2);
	ck_assert_uint_eq(thread_number(HANDLE), 3);
}
END_TEST

Suite *suite_thread(void)
{
	Suite *s = suite_create("thread");
	TCase *tc = tcase_create("handles");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, joined_after_it_ran);
	tcase_add_test(tc, joined_before_it_ran);
	tcase_add_test(tc, detached_then_joined);
	tcase_add_test(tc, joined_and_used_again);
	suite_add_tcase(s, tc);
	return s;
}

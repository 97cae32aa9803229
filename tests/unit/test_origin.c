/* SPDX-License-Identifier: MIT */
/* Who made a call, by the files of its frames. */
#include "world/origin.h"

#include <string.h>

#include "suites.h"

enum {
	PROGRAM = 0x1000,
	LIBRARY = 0x2000,
	OTHER = 0x3000,
	LIBC = 0x4000,
	LIBSTDCXX = 0x5000,
	NOWHERE = 0x9000,
};

static const struct module_info modules[] = {
	{ .path = NULL },
	{ "/opt/app", 0x1000, 0x2000, .gone = UINT32_MAX },
	{ "/usr/lib/libpool.so.2", 0x2000, 0x3000, .gone = UINT32_MAX },
	{ "/usr/lib/libother.so", 0x3000, 0x4000, .gone = UINT32_MAX },
	{ "/usr/lib/libc.so.6", 0x4000, 0x5000, .gone = UINT32_MAX },
	{ "/usr/lib/libstdc++.so.6", 0x5000, 0x6000, .gone = UINT32_MAX },
};

/* A process in which one call came from so many frames, the innermost first. */
static const struct trace_info *call_from(const uint64_t *frames, uint32_t n)
{
	static const struct cmshim_header header = { .program = "/opt/app" };
	static struct stack_info stacks[2];
	static const struct trace_info info = {
		.header = &header,
		.modules = modules,
		.n_modules = sizeof(modules) / sizeof(modules[0]),
		.stacks = stacks,
		.n_stacks = 2,
	};

	stacks[1] = (struct stack_info){ .frames = frames, .n_frames = n };
	return &info;
}

#define IS_LIBRARY(...)                                                       \
	origin_is_library(call_from((const uint64_t[]){ __VA_ARGS__ },        \
				    sizeof((uint64_t[]){ __VA_ARGS__ }) / 8), \
			  1)
#define PLACE(...)                                                       \
	origin_place(call_from((const uint64_t[]){ __VA_ARGS__ },        \
			       sizeof((uint64_t[]){ __VA_ARGS__ }) / 8), \
		     1)

START_TEST(thread_of_a_library_is_its_own)
{
	ck_assert(IS_LIBRARY(LIBRARY + 1, LIBRARY + 9, LIBC + 1));
	ck_assert(IS_LIBRARY(LIBRARY + 1, LIBSTDCXX + 7, LIBC + 1));
	ck_assert(IS_LIBRARY(LIBRARY + 1));
}
END_TEST

START_TEST(whoever_else_is_in_the_stack_made_the_call)
{
	ck_assert(!IS_LIBRARY(LIBRARY + 1, PROGRAM + 1, LIBC + 1));
	ck_assert(!IS_LIBRARY(LIBRARY + 1, OTHER + 1, LIBRARY + 5, LIBC + 1));
	ck_assert(!IS_LIBRARY(LIBRARY + 1, NOWHERE, LIBC + 1));
}
END_TEST

START_TEST(of_the_program_itself_it_is_not_known)
{
	ck_assert(!IS_LIBRARY(PROGRAM + 1, PROGRAM + 9, LIBC + 1));
	ck_assert(!IS_LIBRARY(NOWHERE, LIBC + 1));
	ck_assert(!origin_is_library(call_from(NULL, 0), 1));
}
END_TEST

/* It belongs to the instruction before it, in the file before. */
START_TEST(return_address_may_be_the_first_behind_a_file)
{
	ck_assert(IS_LIBRARY(OTHER, LIBC + 1));
	ck_assert(!IS_LIBRARY(OTHER, OTHER + 1, LIBC + 1));
}
END_TEST

START_TEST(place_is_the_library_and_four_frames_of_callers)
{
	ck_assert_uint_eq(PLACE(LIBRARY + 1, LIBRARY + 2, PROGRAM + 1,
				PROGRAM + 2, LIBC + 1),
			  5);
	ck_assert_uint_eq(PLACE(LIBRARY + 1, PROGRAM + 1, PROGRAM + 2,
				OTHER + 1, PROGRAM + 3, PROGRAM + 4, LIBC + 1),
			  5);
}
END_TEST

/* The program's piece of a parallel loop, called by the loop. */
START_TEST(place_ends_where_the_library_calls_back)
{
	ck_assert_uint_eq(PLACE(LIBRARY + 1, PROGRAM + 1, LIBRARY + 2,
				PROGRAM + 2, LIBC + 1),
			  2);
}
END_TEST

START_TEST(place_in_the_program_is_eight_frames)
{
	ck_assert_uint_eq(PLACE(PROGRAM + 1, PROGRAM + 2, PROGRAM + 3,
				PROGRAM + 4, PROGRAM + 5, PROGRAM + 6,
				PROGRAM + 7, PROGRAM + 8, PROGRAM + 9),
			  8);
	ck_assert_uint_eq(PLACE(PROGRAM + 1, LIBC + 1), 2);
	ck_assert_uint_eq(origin_place(call_from(NULL, 0), 1), 0);
}
END_TEST

Suite *suite_origin(void)
{
	Suite *s = suite_create("origin");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, thread_of_a_library_is_its_own);
	tcase_add_test(tc, whoever_else_is_in_the_stack_made_the_call);
	tcase_add_test(tc, of_the_program_itself_it_is_not_known);
	tcase_add_test(tc, return_address_may_be_the_first_behind_a_file);
	tcase_add_test(tc, place_is_the_library_and_four_frames_of_callers);
	tcase_add_test(tc, place_ends_where_the_library_calls_back);
	tcase_add_test(tc, place_in_the_program_is_eight_frames);
	suite_add_tcase(s, tc);
	return s;
}

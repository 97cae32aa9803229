/* SPDX-License-Identifier: MIT */
/* The reader of STD text: what it takes, and what it refuses and where. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "std/std.h"
#include "suites.h"

static struct std_trace trace; /* of the last text */

static int read_text(const char *text)
{
	std_release(&trace);
	return std_read_memory(&trace, text, strlen(text));
}

static void check_event(size_t i, uint32_t thread, enum std_op op,
			uint32_t object)
{
	ck_assert_uint_gt(trace.n_events, i);
	ck_assert_uint_eq(trace.events[i].thread, thread);
	ck_assert_uint_eq(trace.events[i].op, op);
	ck_assert_uint_eq(trace.events[i].object, object);
}

static void refuses(const char *text, size_t line)
{
	ck_assert_int_eq(read_text(text), -EINVAL);
	ck_assert_ptr_nonnull(trace.fault);
	ck_assert_msg(trace.fault_line == line, "line %zu of %s",
		      trace.fault_line, text);
}

START_TEST(every_operation_is_read)
{
	ck_assert_int_eq(read_text("T7|r(V3)|1\nT7|w(V4)|2\nT7|req(L9)|3\n"
				   "T7|acq(L9)|4\nT7|rel(L9)|5\n"
				   "T7|fork(T8)|6\nT7|join(T8)|7\n"),
			 0);
	ck_assert_uint_eq(trace.n_events, 7);
	ck_assert_uint_eq(trace.n_threads, 2);
	ck_assert_uint_eq(trace.n_locks, 1);
	ck_assert_uint_eq(trace.n_vars, 2);
	check_event(0, 0, STD_READ, 0);
	check_event(1, 0, STD_WRITE, 1);
	check_event(2, 0, STD_REQUEST, 0);
	check_event(3, 0, STD_ACQUIRE, 0);
	check_event(4, 0, STD_RELEASE, 0);
	check_event(5, 0, STD_FORK, 1);
	check_event(6, 0, STD_JOIN, 1);
}
END_TEST

START_TEST(names_are_any_text_and_of_their_kind_only)
{
	ck_assert_int_eq(read_text("T1|w(V12.3[0])|a.c:7\nmain|acq(T1)|\n"
				   "T1|r(f(x))|a b\nT1|rel(T1)|0\n"),
			 0);
	ck_assert_uint_eq(trace.n_threads, 2);
	ck_assert_uint_eq(trace.n_locks, 1);
	ck_assert_uint_eq(trace.n_vars, 2);
	check_event(2, 0, STD_READ, 1);
}
END_TEST

START_TEST(many_names_stay_apart)
{
	enum { N = 5000 };
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (int i = 0; i < 2 * N; i++)
		fprintf(out, "T1|w(V%d)|0\n", i % N);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_int_eq(read_text(text), 0);
	free(text);
	ck_assert_uint_eq(trace.n_vars, N);
	for (uint32_t i = 0; i < 2 * N; i++)
		check_event(i, 0, STD_WRITE, i % N);
}
END_TEST

START_TEST(lines_may_end_as_they_like)
{
	ck_assert_int_eq(read_text("T1|w(V1)|0\r\n\n\r\nT1|w(V1)|0"), 0);
	ck_assert_uint_eq(trace.n_events, 2);
	ck_assert_uint_eq(trace.n_vars, 1);
	ck_assert_int_eq(read_text(""), 0);
	ck_assert_uint_eq(trace.n_events, 0);
}
END_TEST

START_TEST(what_is_no_event_is_refused_with_its_line)
{
	refuses("T1|w(V1)|0\nT1|w(V1)\n", 2);
	refuses("\nT1|w(V1)|0|1", 2);
	refuses("hello", 1);
	refuses("T1|w V1|0", 1);
	refuses("T1|w(V1|0", 1);
	refuses("T1|w()|0", 1);
	refuses("|w(V1)|0", 1);
	refuses("T 1|w(V1)|0", 1);
	refuses("T1|w(V\t1)|0", 1);
	refuses("T1|W(V1)|0", 1);
	refuses("T1|(V1)|0", 1);
	refuses("T1|acquire(L1)|0", 1);
	refuses("T1|w(V1)x|0", 1);
	refuses("# no comment\nT1|w(V1)|0", 1);
}
END_TEST

START_TEST(bytes_that_are_no_text_are_refused)
{
	static const char zero[] = "T1|w(V\0001)|0\n";

	ck_assert_int_eq(std_read_memory(&trace, zero, sizeof(zero) - 1),
			 -EINVAL);
	ck_assert_uint_eq(trace.fault_line, 1);
	refuses("\177ELF\002\001\001", 1);
}
END_TEST

/* Every prefix and every changed byte of a trace is read or refused. */
START_TEST(any_bytes_are_survived)
{
	static const char text[] = "T1|fork(T2)|1\nT2|acq(L1)|2\nT2|r(V)|3\n";
	static const char bytes[] = "\0\n|()T1 \377";
	char changed[sizeof(text)];

	for (size_t n = 0; n < sizeof(text); n++) {
		std_release(&trace);
		(void)std_read_memory(&trace, text, n);
	}
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		for (size_t k = 0; k < sizeof(bytes) - 1; k++) {
			memcpy(changed, text, sizeof(text));
			changed[i] = bytes[k];
			std_release(&trace);
			(void)std_read_memory(&trace, changed,
					      sizeof(text) - 1);
		}
}
END_TEST

START_TEST(too_many_threads_are_refused)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (int i = 0; i <= STD_MAX_THREADS; i++)
		fprintf(out, "T%d|w(V)|0\n", i);
	ck_assert_int_eq(fclose(out), 0);
	refuses(text, STD_MAX_THREADS + 1);
	free(text);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_an_error)
{
	ck_assert_int_eq(std_read(&trace, "/nowhere/at.std"), -ENOENT);
	ck_assert_str_eq(trace.fault, "No such file or directory");
	ck_assert_int_eq(std_read(&trace, "/"), -EISDIR);
}
END_TEST

Suite *suite_std(void)
{
	Suite *s = suite_create("std");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, every_operation_is_read);
	tcase_add_test(tc, names_are_any_text_and_of_their_kind_only);
	tcase_add_test(tc, many_names_stay_apart);
	tcase_add_test(tc, lines_may_end_as_they_like);
	tcase_add_test(tc, what_is_no_event_is_refused_with_its_line);
	tcase_add_test(tc, bytes_that_are_no_text_are_refused);
	tcase_add_test(tc, any_bytes_are_survived);
	tcase_add_test(tc, too_many_threads_are_refused);
	tcase_add_test(tc, a_file_that_is_not_there_is_an_error);
	suite_add_tcase(s, tc);
	return s;
}

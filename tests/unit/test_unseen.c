/* SPDX-License-Identifier: MIT */
/* What may have ordered threads unseen, by the modules that were loaded. */
#include "world/unseen.h"

#include <string.h>

#include "suites.h"

enum { MOST = 4 };

/* Of a process with these files; entry 0 is none, as everywhere. */
static const char *with(size_t n, const char *const *paths)
{
	struct module_info modules[MOST + 1] = { { .path = NULL } };
	struct trace_info info = { .modules = modules, .n_modules = n + 1 };

	for (size_t i = 0; i < n; i++)
		modules[i + 1].path = paths[i];
	return unseen_order(&info);
}

START_TEST(plain_program_has_nothing_unseen)
{
	const char *const paths[] = {
		"/usr/bin/app",
		"/usr/lib/x86_64-linux-gnu/libc.so.6",
		"/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30",
		NULL,
	};

	ck_assert_ptr_null(with(4, paths));
	ck_assert_ptr_null(with(0, paths));
}
END_TEST

START_TEST(library_is_known_in_any_version_and_place)
{
	const char *const paths[][1] = {
		{ "/usr/lib/x86_64-linux-gnu/libglib-2.0.so.0.7400.6" },
		{ "/opt/gtk/libglib-2.0.so.0" },
		{ "libglib-2.0.so" },
	};

	for (int i = 0; i < 3; i++) {
		const char *said = with(1, paths[i]);

		ck_assert_ptr_nonnull(said);
		ck_assert_ptr_nonnull(strstr(said, "libglib-2.0.so is loaded"));
	}
}
END_TEST

START_TEST(name_has_to_begin_the_file_name)
{
	const char *const paths[] = {
		"/opt/libglib-2.0.so/app",
		"/usr/lib/not-libglib-2.0.so.0",
		"/usr/lib/libglib-2.0",
	};

	ck_assert_ptr_null(with(3, paths));
}
END_TEST

START_TEST(module_need_not_be_the_first)
{
	const char *const paths[] = { "/usr/bin/app", "/usr/lib/libm.so.6",
				      "/usr/lib/libgomp.so.1.0.0" };
	const char *said = with(3, paths);

	ck_assert_ptr_nonnull(said);
	ck_assert_ptr_nonnull(strstr(said, "parallel regions"));
}
END_TEST

START_TEST(locks_of_other_processes_are_a_doubt)
{
	struct cmshim_header header = { .pid = 1 };
	struct object_info objects[] = {
		{ .kind = CMSHIM_PROCESS_SHARED }, /* number 0: none */
		{ .class = CMSHIM_MUTEX, .kind = CMSHIM_ROBUST },
		{ .class = CMSHIM_SEMAPHORE, .kind = CMSHIM_PROCESS_SHARED },
	};
	struct trace_info info = { .header = &header,
				   .objects = objects,
				   .n_objects = 3 };
	struct world_object states[] = { { .was_held = true },
					 { .was_held = true },
					 { .was_held = false } };
	const struct world world = { .info = &info, .objects = states };

	ck_assert(!unseen_is_shared(&world));
	ck_assert_ptr_null(unseen_doubt(&world, false));
	states[2].was_held = true;
	ck_assert(unseen_is_shared(&world));
	ck_assert_ptr_nonnull(
		strstr(unseen_doubt(&world, false), "other processes"));
	ck_assert_ptr_nonnull(strstr(unseen_doubt(&world, true), "futexes"));
}
END_TEST

Suite *suite_unseen(void)
{
	Suite *s = suite_create("unseen");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, plain_program_has_nothing_unseen);
	tcase_add_test(tc, library_is_known_in_any_version_and_place);
	tcase_add_test(tc, name_has_to_begin_the_file_name);
	tcase_add_test(tc, module_need_not_be_the_first);
	tcase_add_test(tc, locks_of_other_processes_are_a_doubt);
	suite_add_tcase(s, tc);
	return s;
}

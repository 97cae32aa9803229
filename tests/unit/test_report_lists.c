/* SPDX-License-Identifier: MIT */
/*
 * A report of more locks and maps than are listed: the first thousand of each
 * are, of the others there are sums, and who has which name depends on
 * neither.
 *
 * Object n is a lock if it is at most N, else a map.  Those with odd numbers
 * were made at one place, the others at another.
 */
#include "report/report_view.h"

#include "suites.h"

enum { N = 3000, N_MAPS = 1500, LISTED = 1000, N_OBJECTS = N + N_MAPS + 1 };

#define APP_AT 0x400000u

static const uint64_t frames[][1] = { { APP_AT + 0x101 }, { APP_AT + 0x201 } };
static const struct stack_info stacks[] = {
	{ 0 },
	{ frames[0], 1, 0 },
	{ frames[1], 1, 0 },
};
static const struct module_info module = {
	"/nowhere/app", APP_AT, APP_AT + 0x10000, APP_AT, NULL, 0, 0,
	UINT32_MAX,
};

static struct object_info objects[N_OBJECTS];
static struct cmshim_header header;
static struct trace_info info;
static struct report *report;
static const struct document *doc;

static void begin(void)
{
	for (uint32_t i = 1; i < N_OBJECTS; i++)
		objects[i] = (struct object_info){
			.address = 0x9000000 + i * 64,
			.class = i <= N ? CMSHIM_MUTEX : CMSHIM_MAP,
			.kind = CMSHIM_SEEN_INIT,
			.stack = i % 2 ? 1 : 2,
		};
	info = (struct trace_info){
		.header = &header,
		.objects = objects,
		.stacks = stacks,
		.modules = &module,
		.n_objects = N_OBJECTS,
		.n_stacks = 3,
		.n_modules = 1,
	};
	report = report_new();
	doc = report_document(report);
}

static void end(void)
{
	report_free(report);
}

static void finish(void)
{
	report_end(report);
	report_finish(report);
}

/* Taken as often as their numbers are high; one was waited for. */
static void add_locks(void)
{
	const struct duration_figures waited = { .n = 1, .sum_ns = 1 };

	for (uint32_t i = 1; i <= N; i++)
		report_add_lock(report, &(struct lock_usage){
						.object = i,
						.acquisitions = i,
						.contended = i == 5,
						.wait = i == 5 ? &waited : NULL,
					});
}

START_TEST(locks_that_rank_first_are_listed)
{
	report_begin(report, &info);
	add_locks();
	finish();

	ck_assert_uint_eq(doc->n_locks, LISTED);
	ck_assert_uint_eq(doc->locks[0].acquisitions, 5);
	ck_assert_uint_eq(doc->locks[0].wait->sum_ns, 1);
	ck_assert_uint_eq(doc->locks[1].acquisitions, N);
	ck_assert_uint_eq(doc->locks[LISTED - 1].acquisitions, N - 998);
}
END_TEST

/* 1 to 2001, but for 5. */
START_TEST(the_other_locks_are_summed_up_by_place)
{
	report_begin(report, &info);
	add_locks();
	finish();

	ck_assert_uint_eq(doc->n_lock_sums, 2);
	ck_assert_str_eq(doc->lock_sums[0].site, "mutex made at app+0x100");
	ck_assert_str_eq(doc->lock_sums[0].kind, "mutex");
	ck_assert_uint_eq(doc->lock_sums[0].made.n_frames, 1);
	ck_assert_uint_eq(doc->lock_sums[0].n, 1000);
	ck_assert_uint_eq(doc->lock_sums[0].acquisitions, 1001 * 1001 - 5);
	ck_assert_uint_eq(doc->lock_sums[0].contended, 0);
	ck_assert_str_eq(doc->lock_sums[1].site, "mutex made at app+0x200");
	ck_assert_uint_eq(doc->lock_sums[1].n, 1000);
	ck_assert_uint_eq(doc->lock_sums[1].acquisitions, 1000 * 1001);
}
END_TEST

/* Number N is the 1500th of its place, 5 the third. */
START_TEST(names_are_those_of_the_whole_list)
{
	report_begin(report, &info);
	add_locks();
	finish();

	ck_assert_str_eq(doc->locks[0].object->name,
			 "mutex made at app+0x100 #3");
	ck_assert_str_eq(doc->locks[1].object->name,
			 "mutex made at app+0x200 #1500");
}
END_TEST

START_TEST(all_are_listed_if_asked_for)
{
	report_list_all(report);
	report_begin(report, &info);
	add_locks();
	finish();

	ck_assert_uint_eq(doc->n_locks, N);
	ck_assert_uint_eq(doc->n_lock_sums, 0);
	ck_assert_str_eq(doc->locks[1].object->name,
			 "mutex made at app+0x200 #1500");
	ck_assert_uint_eq(doc->locks[N - 1].acquisitions, 1);
}
END_TEST

/* Used more, the higher the number; every third one by two threads. */
static void add_maps(void)
{
	for (uint32_t i = N + 1; i < N_OBJECTS; i++)
		report_add_map(report, &(struct map_usage){
					       .object = i,
					       .reads = i,
					       .writes = 1,
					       .n_threads = i % 3 ? 1 : 2,
					       .overlaps = i == N + 1,
				       });
}

static void add_profiles(void)
{
	for (uint32_t i = N + 1; i < N_OBJECTS; i++)
		report_add_map_profile(report, &(struct map_profile){
						       .object = i,
						       .n_keyed = i,
					       });
}

/* One that overlapped, 500 that are shared, the last 499 of the other 999. */
static void check_maps(void)
{
	ck_assert_uint_eq(doc->n_maps, LISTED);
	ck_assert_uint_eq(doc->maps[0].reads, N + 1);
	ck_assert_uint_eq(doc->maps[1].reads, N_OBJECTS - 1);
	ck_assert_uint_eq(doc->maps[500].reads, N + 3);
	for (size_t i = 0; i < LISTED; i++)
		ck_assert_uint_eq(doc->maps[i].n_keyed, doc->maps[i].reads);
	ck_assert_uint_eq(doc->n_map_sums, 2);
	ck_assert_uint_eq(doc->map_sums[0].n + doc->map_sums[1].n, 500);
	ck_assert_uint_eq(doc->map_sums[0].n_shared, 0);
	ck_assert_uint_eq(doc->map_sums[0].writes, doc->map_sums[0].n);
}

START_TEST(maps_are_listed_with_their_profiles)
{
	report_begin(report, &info);
	add_maps();
	add_profiles();
	finish();
	check_maps();
}
END_TEST

START_TEST(profiles_may_come_before_the_maps)
{
	report_begin(report, &info);
	add_profiles();
	add_maps();
	finish();
	check_maps();
}
END_TEST

/* As soon as two threads use more maps than are listed. */
START_TEST(shared_maps_that_are_not_listed_are_counted)
{
	report_begin(report, &info);
	for (uint32_t i = N + 1; i < N_OBJECTS; i++)
		report_add_map(report, &(struct map_usage){ .object = i,
							    .reads = 1,
							    .n_threads = 2 });
	finish();

	ck_assert_uint_eq(doc->map_sums[0].n_shared, 250);
	ck_assert_uint_eq(doc->map_sums[1].n_shared, 250);
	ck_assert_uint_eq(doc->maps[0].object - doc->maps[LISTED - 1].object,
			  1 - LISTED);
}
END_TEST

Suite *suite_report_lists(void)
{
	const TTest *const tests[] = {
		locks_that_rank_first_are_listed,
		the_other_locks_are_summed_up_by_place,
		names_are_those_of_the_whole_list,
		all_are_listed_if_asked_for,
		maps_are_listed_with_their_profiles,
		profiles_may_come_before_the_maps,
		shared_maps_that_are_not_listed_are_counted,
	};
	Suite *s = suite_create("report_lists");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, begin, end);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return s;
}

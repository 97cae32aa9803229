/* SPDX-License-Identifier: MIT */
/*
 * The report model, with a trace made up here: what is added in numbers comes
 * out named, merged and sorted.
 */
#include "report/report_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/renderer.h"
#include "suites.h"

extern const struct renderer renderer_json;

/* No such files: names are those of modules and offsets. */
#define APP_AT	0x400000u
#define APP_END 0x410000u
#define LIB_AT	0x7f0000000000u
#define HEAP	0x9000000u

/* Return addresses; shown is the byte before. */
static const uint64_t made[] = { APP_AT + 0x101 };
static const uint64_t in_shim[] = { LIB_AT + 0x11, LIB_AT + 0x21,
				    APP_AT + 0x201 };
static const uint64_t other[] = { APP_AT + 0x301, 0x42 };
static const uint64_t replaced[] = { APP_END + 0x51 };

enum { MADE = 1, IN_SHIM, OTHER, BEFORE, AFTER, N_STACKS };

static const struct stack_info stacks[N_STACKS] = {
	[MADE] = { made, 1, 5 },      [IN_SHIM] = { in_shim, 3, 5 },
	[OTHER] = { other, 2, 5 },    [BEFORE] = { replaced, 1, 2 },
	[AFTER] = { replaced, 1, 3 },
};

static const uint8_t build_id[] = { 0x01, 0xab };

static const struct module_info modules[] = {
	{ "/nowhere/app", APP_AT, APP_END, APP_AT, build_id, 2, 0, UINT32_MAX },
	{ "/nowhere/libcmshim.so", LIB_AT, LIB_AT + 0x1000, LIB_AT, NULL, 0, 0,
	  UINT32_MAX },
	/* One was unloaded in epoch 3, and another loaded there. */
	{ "/nowhere/old.so", APP_END, APP_END + 0x1000, APP_END, NULL, 0, 1,
	  3 },
	{ "/nowhere/new.so", APP_END, APP_END + 0x1000, APP_END, NULL, 0, 3,
	  UINT32_MAX },
};

enum {
	STATIC = 1,
	NAMED,
	HEAP_1,
	UNUSED,
	HEAP_2,
	MAP_1,
	MAP_2,
	BARE,
	N_OBJECTS
};

static const struct object_info objects[N_OBJECTS] = {
	[STATIC] = { APP_AT + 0x4010, CMSHIM_MUTEX, 0, MADE, 0, 0, NULL },
	[NAMED] = { APP_AT + 0x4020, CMSHIM_RWLOCK, 0, MADE, 0, 0,
		    "the\nlock" },
	[HEAP_1] = { HEAP, CMSHIM_MUTEX, CMSHIM_SEEN_INIT, MADE, 0, 0, NULL },
	[UNUSED] = { HEAP, CMSHIM_MUTEX, CMSHIM_SEEN_INIT, MADE, 0, 1, NULL },
	[HEAP_2] = { HEAP, CMSHIM_MUTEX, CMSHIM_SEEN_INIT, MADE, 0, 2, NULL },
	[MAP_1] = { HEAP + 64, CMSHIM_MAP, 0, IN_SHIM, 1, 0, NULL },
	[MAP_2] = { HEAP + 128, CMSHIM_MAP, 0, IN_SHIM, 1, 0, NULL },
	[BARE] = { HEAP + 256, CMSHIM_SEMAPHORE, 0, 0, 0, 0, NULL },
};

static const struct thread_info threads[] = {
	{ 0 },
	{ .number = 1, .kernel_id = 70 },
	{ .number = 2,
	  .kernel_id = 71,
	  .parent = 1,
	  .create_stack = MADE,
	  .start_routine = APP_AT + 0x800,
	  .epoch = 5,
	  .name = "io" },
};

static const struct call_info calls[] = { { 0 }, { .name = "map_put" } };
static const struct family_info families[] = { { 0 }, { .title = "Test map" } };

static struct cmshim_header header;
static struct trace_info info;
static struct report *report;
static const struct document *doc;

static const struct rule race = { .id = "map-race", .title = "a race" };
/* Two kinds of evidence for one mistake. */
static const struct rule met = { .id = "met",
				 .title = "they met",
				 .mistake = "race" };
static const struct rule could_meet = { .id = "could-meet",
					.title = "they could meet",
					.mistake = "race" };
static const struct rule wait = { .id = "perf-wait", .title = "a wait" };

static void begin(void)
{
	header = (struct cmshim_header){ .pid = 70, .program = "/nowhere/app" };
	memcpy(header.arguments, "app\0-x\0", 8);
	info = (struct trace_info){
		.header = &header,
		.calls = calls,
		.families = families,
		.objects = objects,
		.threads = threads,
		.stacks = stacks,
		.modules = modules,
		.n_calls = 2,
		.n_families = 2,
		.n_objects = N_OBJECTS,
		.n_threads = 3,
		.n_stacks = N_STACKS,
		.n_modules = sizeof(modules) / sizeof(modules[0]),
	};
	report = report_new();
	report_begin(report, &info);
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

static void add_lock(uint32_t object)
{
	report_add_lock(report, &(struct lock_usage){ .object = object,
						      .acquisitions = 1 });
}

static void add(const struct rule *rule, enum level level, enum tier tier,
		uint32_t object, uint64_t weight)
{
	report_add_finding(report, &(struct finding){ .rule = rule,
						      .level = level,
						      .tier = tier,
						      .object = object,
						      .weight = weight });
}

static const char *lock_name(size_t i)
{
	return doc->locks[i].object->name;
}

START_TEST(static_objects_are_named_by_module)
{
	add_lock(STATIC);
	finish();

	ck_assert_str_eq(lock_name(0), "app+0x4010");
	ck_assert_str_eq(doc->locks[0].object->kind, "mutex");
}
END_TEST

START_TEST(what_the_program_says_is_the_name)
{
	add_lock(NAMED);
	finish();

	ck_assert_str_eq(lock_name(0), "the?lock");
}
END_TEST

/* UNUSED lies between them, but is not in the report. */
START_TEST(heap_objects_are_named_by_where_they_were_made)
{
	add_lock(HEAP_1);
	add_lock(HEAP_2);
	finish();

	ck_assert_str_eq(lock_name(0), "mutex made at app+0x100");
	ck_assert_str_eq(lock_name(1), "mutex made at app+0x100 #2");
	ck_assert_str_eq(doc->locks[1].object->site, "mutex made at app+0x100");
}
END_TEST

START_TEST(each_place_has_numbers_of_its_own)
{
	report_add_map(report, &(struct map_usage){ .object = MAP_1 });
	report_add_map(report, &(struct map_usage){ .object = MAP_2 });
	add_lock(HEAP_1);
	add_lock(HEAP_2);
	finish();

	ck_assert_str_eq(doc->maps[1].object->name,
			 "Test map first used at app+0x200 #2");
	ck_assert_str_eq(lock_name(1), "mutex made at app+0x100 #2");
}
END_TEST

START_TEST(maps_are_named_by_their_family)
{
	report_add_map(report, &(struct map_usage){ .object = MAP_1 });
	finish();

	ck_assert_str_eq(doc->maps[0].object->name,
			 "Test map first used at app+0x200");
	ck_assert_str_eq(doc->maps[0].object->api, "Test map");
}
END_TEST

START_TEST(object_without_a_stack_has_its_address)
{
	add_lock(BARE);
	finish();

	ck_assert_str_eq(lock_name(0), "semaphore at 0x9000100");
}
END_TEST

START_TEST(frames_of_the_shim_are_not_shown)
{
	struct side side = { .role = "wrote", .stack = IN_SHIM };

	report_add_finding(report, &(struct finding){ .rule = &race,
						      .sides = &side,
						      .n_sides = 1 });
	finish();

	ck_assert_uint_eq(doc->findings[0].sides[0].stack.n_frames, 1);
	ck_assert_uint_eq(doc->findings[0].sides[0].stack.frames[0].offset,
			  0x200);
}
END_TEST

/* Nor does it take a number from those that were. */
START_TEST(lock_that_was_never_taken_is_not_shown)
{
	report_add_lock(report, &(struct lock_usage){ .object = HEAP_1 });
	add_lock(HEAP_2);
	finish();

	ck_assert_uint_eq(doc->n_locks, 1);
	ck_assert_str_eq(lock_name(0), "mutex made at app+0x100");
}
END_TEST

START_TEST(sides_come_out_whole)
{
	struct side_lock held[] = { { NAMED, OTHER, true },
				    { STATIC, MADE, false } };
	struct side side = { .role = "wrote",
			     .thread = 2,
			     .call = 1,
			     .stack = OTHER,
			     .waits_for = HEAP_1,
			     .write_number = 9,
			     .has_time = true,
			     .time_ns = 77,
			     .held = held,
			     .n_held = 2 };
	const struct shown_side *out;

	report_add_finding(report, &(struct finding){ .rule = &race,
						      .object = MAP_1,
						      .sides = &side,
						      .n_sides = 1 });
	/* The report has a copy. */
	memset(held, 0, sizeof(held));
	memset(&side, 0, sizeof(side));
	finish();

	out = &doc->findings[0].sides[0];
	ck_assert_str_eq(out->role, "wrote");
	ck_assert_str_eq(out->operation, "map_put");
	ck_assert_uint_eq(out->thread->number, 2);
	ck_assert_str_eq(out->thread->name, "io");
	ck_assert_uint_eq(out->thread->parent, 1);
	ck_assert_uint_eq(out->write_number, 9);
	ck_assert_uint_eq(out->time_ns, 77);
	ck_assert_str_eq(out->waits_for->name, "mutex made at app+0x100");
	ck_assert_uint_eq(out->n_held, 2);
	ck_assert_str_eq(out->held[0].lock->name, "the?lock");
	ck_assert(out->held[0].shared);
	ck_assert_str_eq(out->held[1].lock->name, "app+0x4010");
	ck_assert(!out->held[1].shared);

	ck_assert_uint_eq(out->stack.n_frames, 2);
	ck_assert_str_eq(out->stack.frames[0].module, "/nowhere/app");
	ck_assert_str_eq(out->stack.frames[0].build_id, "01ab");
	ck_assert_uint_eq(out->stack.frames[0].offset, 0x300);
	ck_assert_ptr_null(out->stack.frames[0].function);
	ck_assert_ptr_null(out->stack.frames[1].module);
	ck_assert_uint_eq(out->stack.frames[1].offset, 0x41);
	ck_assert_str_eq(doc->findings[0].message, "a race");
	ck_assert_uint_eq(doc->findings[0].count, 1);
}
END_TEST

/* Each takes what it holds, in that order, before any asks. */
START_TEST(order_of_a_circle_is_acquisitions_and_then_requests)
{
	struct side_lock first[] = { { STATIC, MADE, false },
				     { NAMED, MADE, true } };
	struct side_lock second[] = { { HEAP_1, MADE, false } };
	struct side sides[] = { { .role = "asks",
				  .thread = 1,
				  .waits_for = HEAP_1,
				  .held = first,
				  .n_held = 2 },
				{ .role = "asks",
				  .thread = 2,
				  .waits_for = STATIC,
				  .held = second,
				  .n_held = 1 } };
	const char *const locks[] = { "app+0x4010", "the?lock",
				      "mutex made at app+0x100",
				      "mutex made at app+0x100", "app+0x4010" };
	const uint32_t threads_of[] = { 1, 1, 2, 1, 2 };
	const struct shown_finding *f;

	report_add_finding(report, &(struct finding){ .rule = &race,
						      .sides = sides,
						      .n_sides = 2,
						      .is_circle = true });
	finish();

	f = &doc->findings[0];
	ck_assert_uint_eq(f->n_order, 5);
	for (size_t i = 0; i < 5; i++) {
		ck_assert_str_eq(f->order[i].lock->name, locks[i]);
		ck_assert_uint_eq(f->order[i].thread->number, threads_of[i]);
		ck_assert_int_eq(f->order[i].is_request, i >= 3);
		ck_assert_int_eq(f->order[i].shared, i == 1);
	}
}
END_TEST

START_TEST(what_is_no_circle_has_no_order)
{
	struct side side = { .role = "asks", .thread = 1, .waits_for = HEAP_1 };

	report_add_finding(report, &(struct finding){ .rule = &race,
						      .sides = &side,
						      .n_sides = 1 });
	finish();

	ck_assert_uint_eq(doc->findings[0].n_order, 0);
}
END_TEST

/* A start routine is an address itself, not one to return to. */
START_TEST(start_routine_is_looked_up_where_it_begins)
{
	finish();

	ck_assert_uint_eq(doc->n_threads, 2);
	ck_assert_str_eq(doc->threads[1].start, "app+0x800");
	ck_assert_ptr_null(doc->threads[0].start);
	ck_assert_uint_eq(doc->threads[1].created.frames[0].offset, 0x100);
}
END_TEST

START_TEST(module_is_the_one_that_was_loaded_then)
{
	struct side sides[] = { { .role = "a", .stack = BEFORE },
				{ .role = "b", .stack = AFTER } };

	report_add_finding(report, &(struct finding){ .rule = &race,
						      .sides = sides,
						      .n_sides = 2 });
	finish();

	ck_assert_str_eq(doc->findings[0].sides[0].stack.frames[0].module,
			 "/nowhere/old.so");
	ck_assert_str_eq(doc->findings[0].sides[1].stack.frames[0].module,
			 "/nowhere/new.so");
}
END_TEST

START_TEST(modules_without_names_are_listed)
{
	add_lock(STATIC);
	finish();

	ck_assert_uint_eq(doc->processes[0]->n_unnamed, 1);
	ck_assert_str_eq(doc->processes[0]->unnamed[0].module, "/nowhere/app");
	ck_assert_str_eq(doc->processes[0]->unnamed[0].why, "the file is gone");
}
END_TEST

START_TEST(worse_severity_then_surer_tier_then_weight_come_first)
{
	add(&race, LEVEL_NOTE, TIER_OVERLAP, STATIC, 900);
	add(&race, LEVEL_ERROR, TIER_DISCIPLINE, NAMED, 800);
	add(&race, LEVEL_ERROR, TIER_PREDICTED, BARE, 1);
	add(&wait, LEVEL_ERROR, TIER_PREDICTED, STATIC, 2);
	add(&wait, LEVEL_ERROR, TIER_PREDICTED, HEAP_1, 1);
	finish();

	ck_assert_uint_eq(doc->n_findings, 5);
	ck_assert_uint_eq(doc->findings[0].weight, 2);
	/* Equal in all three: "map-race" is before "perf-wait". */
	ck_assert_ptr_eq(doc->findings[1].rule, &race);
	ck_assert_ptr_eq(doc->findings[2].rule, &wait);
	ck_assert_uint_eq(doc->findings[3].weight, 800);
	ck_assert_uint_eq(doc->findings[4].weight, 900);
}
END_TEST

static void add_race(uint32_t object, uint64_t weight, bool is_turned,
		     enum tier tier)
{
	struct side sides[2] = { { .role = "wrote", .stack = MADE },
				 { .role = "read", .stack = OTHER } };
	struct side turned[2] = { sides[1], sides[0] };

	report_add_finding(
		report, &(struct finding){ .rule = &race,
					   .tier = tier,
					   .object = object,
					   .weight = weight,
					   .count = 3,
					   .sides = is_turned ? turned : sides,
					   .n_sides = 2 });
}

START_TEST(same_mistake_on_maps_of_one_place_is_one_finding)
{
	add_race(MAP_1, 5, false, TIER_OVERLAP);
	add_race(MAP_2, 7, true, TIER_OVERLAP);
	finish();

	ck_assert_uint_eq(doc->n_findings, 1);
	ck_assert_uint_eq(doc->findings[0].count, 6);
	ck_assert_uint_eq(doc->findings[0].weight, 7);
	ck_assert_str_eq(doc->findings[0].object->name,
			 "Test map first used at app+0x200 #2");
}
END_TEST

/* What was found with less evidence first, and then proved, is proved. */
START_TEST(surest_of_equal_findings_stays)
{
	add(&race, LEVEL_ERROR, TIER_DISCIPLINE, MAP_1, 9);
	add(&race, LEVEL_ERROR, TIER_OVERLAP, MAP_1, 1);
	finish();

	ck_assert_uint_eq(doc->n_findings, 1);
	ck_assert_int_eq(doc->findings[0].tier, TIER_OVERLAP);
	ck_assert_uint_eq(doc->findings[0].count, 2);
}
END_TEST

/* MAP_1 and MAP_2 are made at one place, HEAP_1 at another. */
START_TEST(of_one_mistake_the_surest_evidence_is_shown)
{
	add(&could_meet, LEVEL_ERROR, TIER_DISCIPLINE, MAP_1, 9);
	add(&could_meet, LEVEL_ERROR, TIER_DISCIPLINE, HEAP_1, 8);
	add(&met, LEVEL_WARNING, TIER_OVERLAP, MAP_2, 1);
	add(&wait, LEVEL_NOTE, TIER_OBSERVED, MAP_1, 1);
	finish();

	ck_assert_uint_eq(doc->n_findings, 3);
	ck_assert_str_eq(doc->findings[0].rule->id, "could-meet");
	ck_assert_uint_eq(doc->findings[0].weight, 8);
	ck_assert_str_eq(doc->findings[1].rule->id, "met");
	ck_assert_str_eq(doc->findings[2].rule->id, "perf-wait");
}
END_TEST

START_TEST(other_stacks_are_another_finding)
{
	struct side side = { .role = "wrote", .stack = MADE };

	add_race(MAP_1, 5, false, TIER_OVERLAP);
	report_add_finding(report, &(struct finding){ .rule = &race,
						      .tier = TIER_OVERLAP,
						      .object = MAP_1,
						      .sides = &side,
						      .n_sides = 1 });
	finish();

	ck_assert_uint_eq(doc->n_findings, 2);
}
END_TEST

START_TEST(what_was_observed_stays_apart)
{
	add_race(MAP_1, 5, false, TIER_OBSERVED);
	add_race(MAP_2, 7, false, TIER_OBSERVED);
	finish();

	ck_assert_uint_eq(doc->n_findings, 2);
}
END_TEST

/* What a run adds, from the i-th on, around to the one before it. */
static char *json_beginning_with(unsigned first)
{
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	const struct duration_figures waits = { .n = 1, .sum_ns = 40 };
	/* Of one object, in all but this the same. */
	static const char *const messages[] = { "d", "a", "f", "b", "e", "c" };

	begin();
	for (unsigned i = first; i < first + 6; i++) {
		uint32_t object = i % 6 + 1;

		add_race(MAP_1, object % 2, i % 2, TIER_PREDICTED);
		add(&wait, LEVEL_NOTE, TIER_OBSERVED, object, 4);
		report_add_finding(
			report,
			&(struct finding){ .rule = &wait,
					   .object = STATIC,
					   .message = messages[i % 6] });
		report_add_lock(report,
				&(struct lock_usage){
					.object = object,
					.wait = object == 2 ? &waits : NULL });
		report_add_map(report, &(struct map_usage){ .object = object });
	}
	finish();
	renderer_json.render(doc, &(struct render_options){ 0 }, out);
	fclose(out);
	end();
	return text;
}

START_TEST(order_of_additions_does_not_show)
{
	char *one = json_beginning_with(0);

	for (unsigned i = 1; i < 6; i++) {
		char *two = json_beginning_with(i);

		ck_assert_msg(strcmp(one, two) == 0,
			      "what was added as number %u first shows", i);
		free(two);
	}
	free(one);
}
END_TEST

START_TEST(locks_are_sorted_by_wait_and_then_use)
{
	const struct duration_figures waits = { .n = 1, .sum_ns = 40 };

	report_add_lock(report, &(struct lock_usage){ .object = STATIC,
						      .acquisitions = 5 });
	report_add_lock(report, &(struct lock_usage){ .object = HEAP_1,
						      .acquisitions = 6 });
	report_add_lock(report, &(struct lock_usage){ .object = NAMED,
						      .wait = &waits });
	finish();

	ck_assert_str_eq(lock_name(0), "the?lock");
	ck_assert_str_eq(lock_name(1), "mutex made at app+0x100");
	ck_assert_str_eq(lock_name(2), "app+0x4010");
	ck_assert_uint_eq(doc->locks[0].wait->sum_ns, 40);
	ck_assert_uint_eq(doc->locks[1].wait->sum_ns, 0);
}
END_TEST

START_TEST(processes_are_kept_apart)
{
	struct cmshim_header second = { .pid = 71, .program = "/nowhere/app" };
	struct trace_info child = info;

	add(&race, LEVEL_NOTE, TIER_OVERLAP, STATIC, 1);
	add_lock(STATIC);
	info.n_lost = 5;
	info.n_gaps = 3;
	info.n_events = 100;
	report_add_gaps(report, 4);
	report_end(report);

	child.header = &second;
	report_begin(report, &child);
	add(&race, LEVEL_NOTE, TIER_OVERLAP, STATIC, 1);
	add_lock(STATIC);
	finish();

	ck_assert_uint_eq(doc->n_processes, 2);
	ck_assert_uint_eq(doc->processes[0]->n_lost, 5);
	ck_assert_uint_eq(doc->processes[0]->n_gaps, 7);
	ck_assert_uint_eq(doc->processes[1]->n_gaps, 0);
	ck_assert_uint_eq(doc->processes[0]->n_arguments, 2);
	ck_assert_str_eq(doc->processes[0]->arguments[1], "-x");
	ck_assert_uint_eq(doc->processes[1]->n_lost, 0);
	ck_assert_uint_eq(doc->n_findings, 2);
	ck_assert_uint_eq(doc->n_locks, 2);
	ck_assert_str_eq(lock_name(0), "app+0x4010");
	ck_assert_str_eq(lock_name(1), "app+0x4010");
	ck_assert_uint_eq(doc->locks[0].object->process->pid, 70);
	ck_assert_uint_eq(doc->locks[1].object->process->pid, 71);
	ck_assert_uint_eq(doc->n_threads, 4);
}
END_TEST

/* An analysis that is wrong must not make the report crash. */
START_TEST(numbers_out_of_range_are_unknown)
{
	struct side side = { .role = "x",
			     .thread = 99,
			     .call = 99,
			     .stack = 99,
			     .waits_for = 99 };

	report_add_finding(report, &(struct finding){ .rule = &race,
						      .object = 99,
						      .sides = &side,
						      .n_sides = 1 });
	add_lock(99);
	finish();

	ck_assert_uint_eq(doc->n_locks, 0);
	ck_assert_ptr_null(doc->findings[0].object);
	ck_assert_ptr_null(doc->findings[0].sides[0].thread);
	ck_assert_uint_eq(doc->findings[0].sides[0].stack.n_frames, 0);
}
END_TEST

Suite *suite_report(void)
{
	const TTest *const tests[] = {
		static_objects_are_named_by_module,
		what_the_program_says_is_the_name,
		heap_objects_are_named_by_where_they_were_made,
		each_place_has_numbers_of_its_own,
		maps_are_named_by_their_family,
		object_without_a_stack_has_its_address,
		frames_of_the_shim_are_not_shown,
		lock_that_was_never_taken_is_not_shown,
		sides_come_out_whole,
		order_of_a_circle_is_acquisitions_and_then_requests,
		what_is_no_circle_has_no_order,
		start_routine_is_looked_up_where_it_begins,
		module_is_the_one_that_was_loaded_then,
		modules_without_names_are_listed,
		worse_severity_then_surer_tier_then_weight_come_first,
		same_mistake_on_maps_of_one_place_is_one_finding,
		surest_of_equal_findings_stays,
		of_one_mistake_the_surest_evidence_is_shown,
		other_stacks_are_another_finding,
		what_was_observed_stays_apart,
		locks_are_sorted_by_wait_and_then_use,
		processes_are_kept_apart,
		numbers_out_of_range_are_unknown,
	};
	Suite *s = suite_create("report");
	TCase *tc = tcase_create("all");
	TCase *own = tcase_create("own reports");

	tcase_add_checked_fixture(tc, begin, end);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	tcase_add_test(own, order_of_additions_does_not_show);
	suite_add_tcase(s, tc);
	suite_add_tcase(s, own);
	return s;
}

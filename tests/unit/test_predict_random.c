/* SPDX-License-Identifier: MIT */
/*
 * predict() against brute force on short random traces, and on longer ones
 * against what is only slow: CMSHIM_PREDICT_TRACES says how many,
 * CMSHIM_PREDICT_SEED which.
 */
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bruteforce.h"
#include "slow_predict.h"
#include "std/predict.h"
#include "std_random.h"
#include "suites.h"

enum { N_TRACES = 24000, MAX_EVENTS = 400 };

/*
 * How often the interesting thing happened; else nothing was tested.  What is
 * asked for below is a quarter of what usually is there, or less.
 */
struct tally {
	uint64_t races, races_beyond_hb, hb_not_reached;
	uint64_t deadlocks, refuted, long_ones, tried;
};

static uint64_t variable(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

/* A part of the traces that were asked for. */
static uint64_t n_traces(uint64_t divisor)
{
	return variable("CMSHIM_PREDICT_TRACES", N_TRACES) / divisor;
}

/* xorshift cannot leave 0. */
static uint64_t first_seed(void)
{
	return variable("CMSHIM_PREDICT_SEED", 1) * 2 + 1;
}

static void print_trace(const struct std_trace *trace)
{
	static const char *const words[] = {
		[STD_READ] = "r(V",	 [STD_WRITE] = "w(V",
		[STD_ACQUIRE] = "acq(L", [STD_REQUEST] = "req(L",
		[STD_RELEASE] = "rel(L", [STD_FORK] = "fork(T",
		[STD_JOIN] = "join(T",
	};

	for (size_t i = 0; i < trace->n_events; i++)
		fprintf(stderr, "T%u|%s%u)|%zu\n", trace->events[i].thread,
			words[trace->events[i].op], trace->events[i].object, i);
}

static bool is_equal(const char *what, uint64_t ours, uint64_t right)
{
	if (ours != right)
		fprintf(stderr, "%s is %" PRIu64 ", not %" PRIu64 "\n", what,
			ours, right);
	return ours == right;
}

/* What holds for traces without lock discipline too, or for all numbers. */
static bool is_right(const struct prediction *p, const struct prediction *right,
		     bool is_lawless)
{
	bool is = true;

#define EQUAL(what) is &= is_equal(#what, p->what, right->what)
	EQUAL(hb_racy_events);
	EQUAL(hb_racy_pairs);
	EQUAL(hb_racy_vars);
	EQUAL(lockgraph_edges);
	EQUAL(abstract_deadlocks);
	if (!is_lawless) {
		EQUAL(sync_preserving_deadlocks);
		EQUAL(sync_preserving_racy_vars);
		EQUAL(violations);
	}
#undef EQUAL
	return is;
}

static void count(struct tally *tally, const struct prediction *p)
{
	tally->races += p->sync_preserving_racy_vars > 0;
	tally->races_beyond_hb +=
		p->sync_preserving_racy_vars > p->hb_racy_vars;
	tally->hb_not_reached += p->sync_preserving_racy_vars < p->hb_racy_vars;
	tally->deadlocks += p->sync_preserving_deadlocks > 0;
	tally->refuted += p->sync_preserving_deadlocks < p->abstract_deadlocks;
	tally->tried++;
}

static struct std_trace make_trace(const struct std_taste *taste,
				   uint64_t *seed, struct std_event *events)
{
	return (struct std_trace){
		.events = events,
		.n_events = std_random(taste, seed, events),
		.n_threads = taste->n_threads,
		.n_locks = taste->n_locks,
		.n_vars = taste->n_vars,
	};
}

/* Fails the test if a number differs, after showing the trace. */
static void compare(const struct std_taste *taste, uint64_t *seed,
		    struct tally *tally)
{
	struct std_event events[BRUTE_EVENTS];
	struct std_trace trace = make_trace(taste, seed, events);
	struct prediction p = predict(&trace, PREDICT_MAX_STEPS);
	struct brute b = brute_force(events, trace.n_events);

	if (!is_right(&p, &b.numbers, taste->is_lawless)) {
		print_trace(&trace);
		ck_abort_msg("brute force disagrees");
	}
	count(tally, &b.numbers);
	tally->long_ones += b.n_long > 0;
}

START_TEST(all_reorderings_of_short_traces_agree)
{
	uint64_t n = n_traces(1), seed = first_seed();
	struct tally tally = { 0 };

	for (uint64_t i = 0; i < n; i++) {
		struct std_taste taste = std_taste_random(&seed);

		compare(&taste, &seed, &tally);
	}
	ck_assert_uint_gt(tally.races, n / 10);
	ck_assert_uint_gt(tally.races_beyond_hb, n / 400);
	ck_assert_uint_gt(tally.hb_not_reached, n / 400);
	ck_assert_uint_gt(tally.deadlocks, n / 200);
	ck_assert_uint_gt(tally.refuted, n / 2000);
}
END_TEST

/* Three or four threads that each take two or three locks, and do little
   else: cycles of more than two, gates, and more than one instance of each. */
START_TEST(all_reorderings_of_lock_orders_agree)
{
	uint64_t n = n_traces(4), seed = first_seed();
	struct tally tally = { 0 };

	for (uint64_t i = 0; i < n; i++) {
		struct std_taste taste = std_taste_random(&seed);

		taste.n_threads = 2 + i % 3;
		taste.n_locks = 2 + i % 3;
		taste.n_events = 18 + i % 7;
		taste.lockings = 7 + i % 3;
		taste.n_vars = 1;
		taste.forks = i % 4 == 0;
		compare(&taste, &seed, &tally);
	}
	ck_assert_uint_gt(tally.deadlocks, n / 50);
	ck_assert_uint_gt(tally.refuted, n / 250);
	ck_assert_uint_gt(tally.long_ones, n / 2000);
}
END_TEST

/* No reordering is asked for here, but whatever the definitions do not say
   about locks two threads hold has to be the same for both. */
START_TEST(happens_before_agrees_without_lock_discipline)
{
	uint64_t n = n_traces(4), seed = first_seed();
	struct tally tally = { 0 };

	for (uint64_t i = 0; i < n; i++) {
		struct std_taste taste = std_taste_random(&seed);

		taste.is_lawless = true;
		taste.n_events += 2;
		compare(&taste, &seed, &tally);
	}
	ck_assert_uint_eq(tally.tried, n);
}
END_TEST

/* The slow way is judged by brute force as well before it judges. */
START_TEST(the_slow_way_agrees_with_all_reorderings)
{
	uint64_t n = n_traces(8), seed = first_seed();

	for (uint64_t i = 0; i < n; i++) {
		struct std_taste taste = std_taste_random(&seed);
		struct std_event events[BRUTE_EVENTS];
		struct prediction slow;
		struct std_trace trace;
		struct brute b;

		taste.lockings = 3 + i % 7;
		trace = make_trace(&taste, &seed, events);
		b = brute_force(events, trace.n_events);
		if (!slow_predict(&trace, &slow) ||
		    !is_right(&slow, &b.numbers, false)) {
			print_trace(&trace);
			ck_abort_msg("brute force disagrees with the slow way");
		}
	}
}
END_TEST

/* From a few variables that race at once to many that are seldom touched. */
static struct std_taste longer_taste(uint64_t i)
{
	return (struct std_taste){
		.n_events = 40 + (uint32_t)(i * 7 % 361),
		.n_threads = 2 + (uint32_t)(i % 7),
		.n_locks = 1 + (uint32_t)(i % 8),
		.n_vars = 1 + (uint32_t)(i * i % 31),
		.has_requests = i % 3 == 0,
		.forks = i % 5 == 0,
		.lockings = 2 + (uint32_t)(i % 8),
	};
}

START_TEST(longer_traces_agree_with_the_slow_way)
{
	uint64_t n = n_traces(100), seed = first_seed();
	struct std_event *events = calloc(MAX_EVENTS + 1, sizeof(*events));
	struct tally tally = { 0 };

	ck_assert_ptr_nonnull(events);
	for (uint64_t i = 0; i < n; i++) {
		struct std_taste taste = longer_taste(i);
		struct std_trace trace = make_trace(&taste, &seed, events);
		struct prediction p = predict(&trace, PREDICT_MAX_STEPS), slow;

		if (!slow_predict(&trace, &slow))
			continue;
		if (!is_right(&p, &slow, false)) {
			print_trace(&trace);
			ck_abort_msg("the slow way disagrees");
		}
		count(&tally, &slow);
	}
	free(events);
	ck_assert_uint_gt(tally.tried, n / 2);
	ck_assert_uint_gt(tally.races_beyond_hb, n / 20);
	ck_assert_uint_gt(tally.hb_not_reached, n / 100);
	ck_assert_uint_gt(tally.deadlocks, n / 10);
	ck_assert_uint_gt(tally.refuted, n / 10);
}
END_TEST

/* Traces of real programs; tests/std/run.sh says what they are. */
START_TEST(published_traces_agree_with_the_slow_way)
{
	glob_t files;

	ck_assert_int_eq(glob("tests/std/*.std", 0, NULL, &files), 0);
	ck_assert_uint_ge(files.gl_pathc, 9);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct std_trace trace;
		struct prediction p, slow;

		ck_assert_int_eq(std_read(&trace, files.gl_pathv[i]), 0);
		p = predict(&trace, PREDICT_MAX_STEPS);
		ck_assert(slow_predict(&trace, &slow));
		ck_assert_msg(is_right(&p, &slow, false), "%s",
			      files.gl_pathv[i]);
		std_release(&trace);
	}
	globfree(&files);
}
END_TEST

Suite *suite_predict_random(void)
{
	Suite *s = suite_create("predict_random");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 0); /* as long as it was asked for */
	tcase_add_test(tc, all_reorderings_of_short_traces_agree);
	tcase_add_test(tc, all_reorderings_of_lock_orders_agree);
	tcase_add_test(tc, happens_before_agrees_without_lock_discipline);
	tcase_add_test(tc, the_slow_way_agrees_with_all_reorderings);
	tcase_add_test(tc, longer_traces_agree_with_the_slow_way);
	tcase_add_test(tc, published_traces_agree_with_the_slow_way);
	suite_add_tcase(s, tc);
	return s;
}

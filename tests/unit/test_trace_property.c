/* SPDX-License-Identifier: MIT */
/*
 * Random runs (trace_run.h): the merged stream has to be one in which the run
 * could have been watched, without a gap.  A checker that knows nothing of
 * the reader says so.
 */
#include <string.h>

#include "suites.h"
#include "trace_run.h"
#include "trace_story.h"

/* What the checker has seen of the merged stream. */
struct seen {
	uint64_t numbers[OBJECTS];
	int stored[THREADS + 1], nested[THREADS + 1];
	int n_nested_before[THREADS + 1];
	bool created[THREADS + 1], ended[THREADS + 1];
	bool told[MAX_EVENTS];
};

static int nested_before(const struct run *o, int thread, int stored)
{
	int n = 0;

	for (int i = 0; i < o->n_told; i++)
		n += o->told[i].thread == thread && o->told[i].nested &&
		     o->told[i].before < stored;
	return n;
}

static void check_place(const struct run *o, struct seen *seen,
			const struct told *told)
{
	int t = told->thread;

	ck_assert(!seen->ended[t]);
	if (told->nested) {
		/* After all that was stored before, at most the interrupted
		   record may come before it. */
		ck_assert_int_ge(seen->stored[t], told->before);
		ck_assert_int_le(seen->stored[t], told->before + 1);
		seen->nested[t]++;
		return;
	}
	ck_assert_int_eq(seen->stored[t], told->before);
	ck_assert_int_ge(seen->nested[t], nested_before(o, t, told->before));
	seen->stored[t]++;
}

/* The largest number up to seq that an event was stored with. */
static uint64_t number_stored(const struct run *o, int object, uint64_t seq)
{
	uint64_t largest = 0;

	for (int i = 0; i < o->n_told; i++) {
		const struct told *told = &o->told[i];

		if (told->object == object && told->op != CMSHIM_OP_MAP_READ &&
		    told->seq <= seq && told->seq > largest)
			largest = told->seq;
	}
	return largest;
}

static void check_event(const struct run *o, struct seen *seen,
			const struct event *ev)
{
	const struct told *told = &o->told[ev->key - 1];

	ck_assert_uint_le(ev->key, (uint64_t)o->n_told);
	ck_assert(!seen->told[ev->key - 1]);
	seen->told[ev->key - 1] = true;
	ck_assert_int_eq(ev->op, told->op);
	ck_assert_int_eq((int)ev->thread, told->thread);
	ck_assert_int_eq((int)ev->object, told->object);
	ck_assert_uint_eq(ev->seq, told->seq);
	check_place(o, seen, told);

	switch (told->op) {
	case CMSHIM_OP_CREATE:
		seen->created[told->other] = true;
		break;
	case CMSHIM_OP_START:
		ck_assert(seen->created[told->thread]);
		break;
	case CMSHIM_OP_JOIN:
		ck_assert(seen->ended[told->other]);
		break;
	case CMSHIM_OP_MAP_READ:
		ck_assert_uint_ge(seen->numbers[MAP],
				  number_stored(o, MAP, told->seq));
		break;
	case CMSHIM_OP_SIGNALLED:
		ck_assert_uint_ge(seen->numbers[CONDITION],
				  number_stored(o, CONDITION, told->end));
		break;
	default:
		if (told->seq) {
			uint64_t *last = &seen->numbers[told->object];

			ck_assert_uint_eq(*last, number_stored(o, told->object,
							       told->seq - 1));
			*last = told->seq;
		}
	}
}

static void check_story(const struct run *o, const struct story *s)
{
	static struct seen seen;
	int n = 0;

	memset(&seen, 0, sizeof(seen));
	ck_assert_msg(!s->info->damaged, "damaged: %s",
		      s->info->damage ? s->info->damage : "");
	ck_assert_uint_eq(s->info->n_gaps, 0);
	for (size_t i = 0; i < s->n; i++) {
		if (s->events[i].op == EVENT_THREAD_END) {
			seen.ended[s->events[i].thread] = true;
			continue;
		}
		if (s->events[i].op == CMSHIM_OP_HELD)
			continue;
		check_event(o, &seen, &s->events[i]);
		n++;
	}
	ck_assert_int_eq(n, o->n_told);
}

START_TEST(any_run_is_merged_to_one_that_could_have_been_watched)
{
	static struct run o;
	int n_nested = 0, n_joined = 0;

	for (uint64_t seed = 1; seed <= 400; seed++) {
		struct story s;

		run_random(&o, seed, 100 + (int)seed * 3);
		/* Let all that have a number be stored. */
		for (int t = 1; t <= THREADS; t++) {
			if (o.threads[t].doing != NOTHING)
				run_store(&o, t);
			n_nested += o.threads[t].n_nested;
			n_joined += o.threads[t].joined;
		}
		s = story_of(o.w);
		check_story(&o, &s);
		story_close(&s);
		writer_free(o.w);
	}
	/* The programs were not trivial. */
	ck_assert_int_gt(n_nested, 1000);
	ck_assert_int_gt(n_joined, 100);
}
END_TEST

/* Killed at any instant: what has a number but no record is lost, at most one
   event of each thread, and that is no gap. */
START_TEST(a_killed_run_has_no_gap)
{
	static struct run o;
	int n_lost = 0;

	for (uint64_t seed = 1; seed <= 400; seed++) {
		struct story s;

		run_random(&o, seed, 50 + (int)seed);
		for (int t = 1; t <= THREADS; t++)
			n_lost += o.threads[t].doing == TAKING ||
				  o.threads[t].doing == WRITING;
		s = story_of(o.w);
		check_story(&o, &s);
		story_close(&s);
		writer_free(o.w);
	}
	ck_assert_int_gt(n_lost, 100);
}
END_TEST

Suite *suite_trace_property(void)
{
	Suite *s = suite_create("trace_property");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc,
		       any_run_is_merged_to_one_that_could_have_been_watched);
	tcase_add_test(tc, a_killed_run_has_no_gap);
	suite_add_tcase(s, tc);
	return s;
}

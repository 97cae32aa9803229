/* SPDX-License-Identifier: MIT */
/*
 * For stories about maps that nothing keeps apart.
 *
 * In them threads 2, 3 ... come from nowhere unless they are made: only a
 * START without a parent makes that a matter of doubt.
 */
#ifndef TESTS_RACE_STORY_H
#define TESTS_RACE_STORY_H

#include <check.h>

#include "script.h"

/* What map-race says without asking about other orders (map-race-sp). */
static inline const struct analysis *map_race_alone(void)
{
	static struct analysis alone;

	alone = analysis_map_race;
	alone.again = NULL;
	return &alone;
}

#define RACE(story) RUN(map_race_alone(), story)

static inline void assert_silent(const struct report *r)
{
	for (size_t i = 0; i < report_n_added(r); i++)
		ck_abort_msg("%s: %s", report_added(r, i)->rule->id,
			     report_added(r, i)->message);
}

static inline const struct finding *only(const struct report *r,
					 const char *rule, enum level level)
{
	const struct finding *f = only_finding(r);

	ck_assert_str_eq(f->rule->id, rule);
	ck_assert_int_eq(f->level, level);
	ck_assert_uint_eq(f->object, M);
	ck_assert_uint_ge(f->n_sides, 2);
	return f;
}

#endif

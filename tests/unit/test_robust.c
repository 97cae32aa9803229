/* SPDX-License-Identifier: MIT */
/* Robust mutexes whose owner died. */
#include <errno.h>

#include "script.h"
#include "suites.h"

#define ASSERT_NOTHING(story) \
	ck_assert_uint_eq(report_n_added(RUN(&analysis_robust, story)), 0)

#define ONLY(story) only_finding(RUN(&analysis_robust, story))

#define INHERIT(who) FLAGGED(CMSHIM_OWNER_DIED, ACQUIRE(who, ROBUST))

START_TEST(mutex_not_made_consistent_is_reported)
{
	struct event released[] = {
		AT(5, ACQUIRE(1, ROBUST)),
		EXIT(1),
		ENDED(1),
		AT(6, INHERIT(2)),
		RELEASE(2, ROBUST),
		ACQUIRE(2, A),
	};
	struct event held[] = { ACQUIRE(1, ROBUST), EXIT(1), INHERIT(2) };
	const struct finding *f = ONLY(released);

	ck_assert_str_eq(f->rule->id, "lock-owner-died");
	ck_assert_int_eq(f->level, LEVEL_WARNING);
	ck_assert_uint_eq(f->object, ROBUST);
	ck_assert_uint_eq(f->sides[0].thread, 2);
	ck_assert_uint_eq(f->sides[0].stack, 6);
	ck_assert_uint_eq(f->sides[1].thread, 1);
	ck_assert_uint_eq(f->sides[1].stack, 5);
	ONLY(held);
}
END_TEST

START_TEST(mutex_made_consistent_is_not)
{
	struct event repaired[] = {
		ACQUIRE(1, ROBUST), EXIT(1), INHERIT(2), CONSISTENT(2, ROBUST),
		RELEASE(2, ROBUST),
	};
	struct event ordinary[] = { ACQUIRE(2, ROBUST), RELEASE(2, ROBUST) };

	ASSERT_NOTHING(repaired);
	ASSERT_NOTHING(ordinary);
}
END_TEST

START_TEST(each_inheritance_is_judged_by_itself)
{
	struct event story[] = {
		ACQUIRE(1, ROBUST),    EXIT(1), INHERIT(2),
		CONSISTENT(2, ROBUST), EXIT(2), INHERIT(3),
		RELEASE(3, ROBUST),
	};

	ck_assert_uint_eq(ONLY(story)->sides[0].thread, 3);
}
END_TEST

Suite *suite_robust(void)
{
	Suite *s = suite_create("robust");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, mutex_not_made_consistent_is_reported);
	tcase_add_test(tc, mutex_made_consistent_is_not);
	tcase_add_test(tc, each_inheritance_is_judged_by_itself);
	suite_add_tcase(s, tc);
	return s;
}

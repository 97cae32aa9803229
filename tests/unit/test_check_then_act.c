/* SPDX-License-Identifier: MIT */
/* Checks and acts in critical sections of their own: ANALYSIS 6, 33 to 36. */
#include <string.h>

#include "script.h"
#include "suites.h"

#define RUN_IT(story) RUN(&analysis_check_then_act, story)

/* A section of lock A with one call on the map. */
#define SECTION(who, call) ACQUIRE(who, A), call, RELEASE(who, A)

#define CHECK(who, key, seq) \
	SECTION(who, AT(10, MISS(KEY(key, READ(who, M, seq, seq)))))
#define PUT(who, stack, key, seq) \
	SECTION(who, AT(stack, MISS(KEY(key, WRITE(who, M, seq, seq)))))
#define REPLACE(who, stack, key, seq) \
	SECTION(who, AT(stack, HIT(KEY(key, WRITE(who, M, seq, seq)))))

static void assert_rule(const struct finding *f, const char *id,
			enum level level)
{
	ck_assert_str_eq(f->rule->id, id);
	ck_assert_int_eq(f->level, level);
	ck_assert_uint_eq(f->object, M);
	ck_assert_uint_eq(f->n_sides, 3);
}

START_TEST(act_that_another_write_could_have_preceded_is_a_warning)
{
	struct event story[] = {
		CHECK(1, 7, 0),
		PUT(1, 11, 7, 1),
		REPLACE(2, 12, 7, 2),
	};
	const struct finding *f = only_finding(RUN_IT(story));

	assert_rule(f, "atom-check-then-act", LEVEL_WARNING);
	ck_assert_uint_eq(f->sides[0].stack, 10);
	ck_assert_uint_eq(f->sides[1].stack, 12);
	ck_assert_uint_eq(f->sides[1].thread, 2);
	ck_assert_uint_eq(f->sides[2].stack, 11);
	ck_assert_uint_eq(f->sides[2].n_held, 1);
	ck_assert_uint_eq(f->sides[2].held[0].object, A);
}
END_TEST

START_TEST(the_other_write_may_have_come_before)
{
	struct event story[] = {
		PUT(2, 12, 7, 1),
		SECTION(1, AT(10, HIT(KEY(7, READ(1, M, 1, 1))))),
		REPLACE(1, 11, 7, 2),
	};

	assert_rule(only_finding(RUN_IT(story)), "atom-check-then-act",
		    LEVEL_WARNING);
}
END_TEST

/* The same address, say, but another object by then. */
START_TEST(key_that_had_gone_in_between_is_a_note)
{
	struct event later[] = {
		CHECK(1, 7, 0),
		PUT(1, 11, 7, 1),
		SECTION(1, AT(14, HIT(KEY(7, REMOVE(1, M, 2))))),
		PUT(2, 12, 7, 3),
	};
	struct event earlier[] = {
		PUT(2, 12, 7, 1),
		SECTION(1, AT(14, HIT(KEY(7, REMOVE(1, M, 2))))),
		CHECK(1, 7, 2),
		PUT(1, 11, 7, 3),
	};

	assert_rule(only_finding(RUN_IT(later)), "atom-check-then-act",
		    LEVEL_NOTE);
	assert_rule(only_finding(RUN_IT(earlier)), "atom-check-then-act",
		    LEVEL_NOTE);
}
END_TEST

START_TEST(act_on_a_check_that_is_wrong_by_then_is_an_error)
{
	struct event story[] = {
		CHECK(1, 7, 0),
		PUT(2, 12, 7, 1),
		PUT(1, 11, 7, 2),
	};
	const struct finding *f = only_finding(RUN_IT(story));

	assert_rule(f, "atom-check-then-act", LEVEL_ERROR);
	ck_assert_int_eq(f->tier, TIER_OBSERVED);
	ck_assert_uint_eq(f->sides[1].write_number, 1);
	ck_assert_uint_eq(f->count, 1);
}
END_TEST

START_TEST(check_again_in_the_section_of_the_act_is_right)
{
	struct event story[] = {
		CHECK(1, 7, 0),
		PUT(2, 12, 7, 1),
		ACQUIRE(1, A),
		AT(13, HIT(KEY(7, READ(1, M, 1, 1)))),
		AT(11, HIT(KEY(7, WRITE(1, M, 2, 2)))),
		RELEASE(1, A),
	};
	const struct report *r = RUN_IT(story);

	/* The second look is one that differs from the first. */
	for (size_t i = 0; i < report_n_added(r); i++)
		ck_assert_int_eq(report_added(r, i)->level, LEVEL_NOTE);
}
END_TEST

START_TEST(act_on_another_key_is_no_act_on_the_check)
{
	struct event story[] = {
		CHECK(1, 7, 0),
		PUT(2, 12, 8, 1),
		PUT(1, 11, 8, 2),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(check_and_act_in_one_section_are_right)
{
	struct event story[] = {
		ACQUIRE(1, A),
		AT(10, MISS(KEY(7, READ(1, M, 0, 0)))),
		AT(11, MISS(KEY(7, WRITE(1, M, 1, 1)))),
		RELEASE(1, A),
		PUT(2, 12, 7, 2),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(lock_kept_around_both_sections_makes_them_one)
{
	struct event story[] = {
		ACQUIRE(1, B), CHECK(1, 7, 0),	 PUT(1, 11, 7, 1),
		RELEASE(1, B), PUT(2, 12, 7, 2),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(write_without_the_lock_is_another_trouble)
{
	struct event story[] = {
		CHECK(1, 7, 0),
		AT(12, MISS(KEY(7, WRITE(2, M, 1, 1)))),
		PUT(1, 11, 7, 2),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(one_thread_alone_is_never_wrong)
{
	struct event story[] = {
		CHECK(1, 7, 0),
		PUT(1, 11, 7, 1),
		PUT(1, 12, 7, 2),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

/* A server that was asked for a key and is told it later. */
START_TEST(act_that_mostly_needs_no_check_is_not_tied_to_one)
{
	struct event story[] = {
		PUT(1, 11, 1, 1), PUT(1, 11, 2, 2), PUT(1, 11, 3, 3),
		CHECK(1, 7, 3),	  PUT(2, 12, 7, 4), PUT(1, 11, 7, 5),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(who_waited_for_another_thread_may_know)
{
	struct event story[] = {
		CHECK(1, 7, 0),	    WAIT(1, CONDITION), PUT(2, 12, 7, 1),
		WAKE(1, CONDITION), PUT(1, 11, 7, 2),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(write_before_the_thread_was_made_is_no_danger)
{
	struct event create = told(CMSHIM_OP_CREATE, 1, 0);
	struct event begin = START(2);

	create.other = 2;
	begin.other = 1;
	struct event story[] = {
		CHECK(1, 7, 0), PUT(1, 11, 7, 1), create,
		begin,		PUT(2, 12, 7, 2),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(put_that_does_not_tell_may_keep_what_is_there)
{
	struct event story[] = {
		CHECK(1, 7, 0),
		PUT(2, 12, 7, 1),
		SECTION(1, AT(11, KEY(7, WRITE(1, M, 2, 2)))),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(removal_of_what_is_gone_is_a_warning)
{
	struct event story[] = {
		PUT(2, 12, 7, 1),
		SECTION(1, AT(10, HIT(KEY(7, READ(1, M, 1, 1))))),
		SECTION(2, AT(14, HIT(KEY(7, REMOVE(2, M, 2))))),
		SECTION(1, AT(15, MISS(KEY(7, REMOVE(1, M, 3))))),
	};

	assert_rule(only_finding(RUN_IT(story)), "atom-check-then-act",
		    LEVEL_WARNING);
}
END_TEST

START_TEST(removal_that_went_well_is_right)
{
	struct event story[] = {
		PUT(2, 12, 7, 1),
		SECTION(1, AT(10, HIT(KEY(7, READ(1, M, 1, 1))))),
		SECTION(1, AT(15, HIT(KEY(7, REMOVE(1, M, 2))))),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(reading_back_what_another_thread_wrote_is_a_warning)
{
	struct event story[] = {
		PUT(1, 11, 7, 1),
		PUT(2, 12, 7, 2),
		SECTION(1, AT(10, HIT(KEY(7, READ(1, M, 2, 2))))),
	};

	assert_rule(only_finding(RUN_IT(story)), "atom-unserializable",
		    LEVEL_WARNING);
}
END_TEST

#define READ_AND_REPLACE(who, seq)                                            \
	ACQUIRE(who, A), AT(10, HIT(KEY(7, READ(who, M, (seq)-1, (seq)-1)))), \
		AT(11, HIT(KEY(7, WRITE(who, M, seq, seq)))), RELEASE(who, A)

/* A counter: each turn of the loop reads what it adds to. */
START_TEST(reading_for_the_write_that_follows_is_not_reading_back)
{
	struct event story[] = {
		PUT(1, 11, 7, 1),	PUT(2, 12, 7, 2),
		READ_AND_REPLACE(1, 3), REPLACE(2, 12, 7, 4),
		READ_AND_REPLACE(1, 5),
	};
	/* In the last one only. */
	struct event seldom[] = {
		PUT(1, 11, 7, 1),
		PUT(2, 12, 7, 2),
		SECTION(1, AT(10, HIT(KEY(7, READ(1, M, 2, 2))))),
		REPLACE(1, 11, 7, 3),
		REPLACE(2, 12, 7, 4),
		SECTION(1, AT(10, HIT(KEY(7, READ(1, M, 4, 4))))),
		SECTION(1, AT(11, HIT(KEY(7, WRITE(1, M, 5, 5))))),
		REPLACE(2, 12, 7, 6),
		READ_AND_REPLACE(1, 7),
	};
	const struct report *r;
	size_t i = 0;

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
	r = RUN_IT(seldom);
	while (i < report_n_added(r) &&
	       strcmp(report_added(r, i)->rule->id, "atom-unserializable") != 0)
		i++;
	ck_assert_uint_lt(i, report_n_added(r));
}
END_TEST

START_TEST(reading_back_ones_own_write_is_right)
{
	struct event story[] = {
		PUT(2, 12, 7, 1),
		PUT(1, 11, 7, 2),
		SECTION(1, AT(10, HIT(KEY(7, READ(1, M, 2, 2))))),
		PUT(2, 12, 7, 3),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(looking_again_at_another_place_is_a_note)
{
	struct event story[] = {
		CHECK(1, 7, 0),
		PUT(2, 12, 7, 1),
		SECTION(1, AT(13, HIT(KEY(7, READ(1, M, 1, 1))))),
	};

	assert_rule(only_finding(RUN_IT(story)), "atom-unserializable",
		    LEVEL_NOTE);
}
END_TEST

START_TEST(polling_at_one_place_is_right)
{
	struct event story[] = {
		CHECK(1, 7, 0), CHECK(1, 7, 0),	  CHECK(1, 7, 0),
		CHECK(1, 7, 0), CHECK(1, 7, 0),	  CHECK(1, 7, 0),
		CHECK(1, 7, 0), CHECK(1, 7, 0),	  CHECK(1, 7, 0),
		CHECK(1, 7, 0), PUT(2, 12, 7, 1), CHECK(1, 7, 1),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

START_TEST(size_that_is_old_when_it_is_used_is_a_note)
{
	struct event story[] = {
		SECTION(1, AT(10, COUNT(0, READ(1, M, 0, 0)))),
		PUT(2, 12, 8, 1),
		PUT(1, 11, 7, 2),
	};

	assert_rule(only_finding(RUN_IT(story)), "atom-stale-size", LEVEL_NOTE);
}
END_TEST

START_TEST(size_asked_for_with_the_lock_kept_is_right)
{
	struct event story[] = {
		PUT(2, 12, 8, 1),
		ACQUIRE(1, A),
		AT(10, COUNT(1, READ(1, M, 1, 1))),
		AT(11, MISS(KEY(7, WRITE(1, M, 2, 2)))),
		RELEASE(1, A),
		PUT(2, 12, 9, 3),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(story)), 0);
}
END_TEST

Suite *suite_check_then_act(void)
{
	Suite *s = suite_create("check_then_act");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc,
		       act_that_another_write_could_have_preceded_is_a_warning);
	tcase_add_test(tc, the_other_write_may_have_come_before);
	tcase_add_test(tc, key_that_had_gone_in_between_is_a_note);
	tcase_add_test(tc, act_on_a_check_that_is_wrong_by_then_is_an_error);
	tcase_add_test(tc, check_again_in_the_section_of_the_act_is_right);
	tcase_add_test(tc, act_on_another_key_is_no_act_on_the_check);
	tcase_add_test(tc, check_and_act_in_one_section_are_right);
	tcase_add_test(tc, lock_kept_around_both_sections_makes_them_one);
	tcase_add_test(tc, write_without_the_lock_is_another_trouble);
	tcase_add_test(tc, one_thread_alone_is_never_wrong);
	tcase_add_test(tc, act_that_mostly_needs_no_check_is_not_tied_to_one);
	tcase_add_test(tc, who_waited_for_another_thread_may_know);
	tcase_add_test(tc, write_before_the_thread_was_made_is_no_danger);
	tcase_add_test(tc, put_that_does_not_tell_may_keep_what_is_there);
	tcase_add_test(tc, removal_of_what_is_gone_is_a_warning);
	tcase_add_test(tc, removal_that_went_well_is_right);
	tcase_add_test(tc, reading_back_what_another_thread_wrote_is_a_warning);
	tcase_add_test(tc,
		       reading_for_the_write_that_follows_is_not_reading_back);
	tcase_add_test(tc, reading_back_ones_own_write_is_right);
	tcase_add_test(tc, looking_again_at_another_place_is_a_note);
	tcase_add_test(tc, polling_at_one_place_is_right);
	tcase_add_test(tc, size_that_is_old_when_it_is_used_is_a_note);
	tcase_add_test(tc, size_asked_for_with_the_lock_kept_is_right);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/*
 * Calls on a map that were ordered in the run and are not in another order of
 * it.  The litmus numbers are those of test_map_race.c.
 */
#include <string.h>

#include "race_story.h"
#include "report/report_parts.h"
#include "suites.h"

#define SECTION(who, lock) ACQUIRE(who, lock), RELEASE(who, lock)

/* The one map-race-sp in the report, or NULL. */
static const struct finding *note_of(const struct report *r)
{
	const struct finding *note = NULL;

	for (size_t i = 0; i < report_n_added(r); i++) {
		const struct finding *f = report_added(r, i);

		if (strcmp(f->rule->id, "map-race-sp") != 0)
			continue;
		ck_assert_ptr_null(note);
		ck_assert_int_eq(f->level, LEVEL_NOTE);
		ck_assert_int_eq(f->tier, TIER_PREDICTED);
		note = f;
	}
	return note;
}

#define NOTE(story)	   note_of(RUN(&analysis_map_race, story))
#define ASSERT_NOTE(story) ck_assert_ptr_nonnull(NOTE(story))
#define ASSERT_NONE(story) ck_assert_ptr_null(NOTE(story))

/* It is said that no lock guards the map, and that is all. */
#define ASSERT_REFUSED(story)                                 \
	do {                                                  \
		ASSERT_NONE(story);                           \
		only_finding(RUN(&analysis_map_race, story)); \
	} while (0)

/* Thread 1 comes back, so the map was not handed over for good. */
START_TEST(litmus_8_ordered_by_a_lock_about_something_else)
{
	struct event story[] = {
		AT(11, WRITE(1, M, 1, 1)),
		SECTION(1, A),
		AT(20, ACQUIRE(2, A)),
		RELEASE(2, A),
		AT(22, WRITE(2, M, 2, 2)),
		SECTION(2, B),
		SECTION(1, B),
		AT(11, WRITE(1, M, 3, 3)),
	};
	const struct finding *f = NOTE(story);

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(f->object, M);
	ck_assert_uint_eq(f->n_sides, 2);
	ck_assert_uint_eq(f->sides[0].thread + f->sides[1].thread, 3);
	ck_assert_uint_eq(f->sides[0].stack + f->sides[1].stack, 33);
	ck_assert_str_eq(f->reproduce,
			 "Stop thread 1 just before the call shown here, the "
			 "1st time, until thread 2 comes to its own the 1st "
			 "time; then let both go on.");
}
END_TEST

START_TEST(handed_over_once_by_a_lock)
{
	struct event story[] = {
		WRITE(1, M, 1, 1),
		SECTION(1, A),
		SECTION(2, A),
		WRITE(2, M, 2, 2),
	};

	ASSERT_NONE(story);
}
END_TEST

/* Each passes through a section that the other was in as it wrote. */
START_TEST(litmus_10_would_need_sections_turned_round)
{
	struct event story[] = {
		ACQUIRE(1, A), WRITE(1, M, 1, 1), RELEASE(1, A), SECTION(2, A),
		ACQUIRE(2, B), WRITE(2, M, 2, 2), RELEASE(2, B), SECTION(1, B),
		ACQUIRE(1, A), WRITE(1, M, 3, 3), RELEASE(1, A),
	};
	struct event not_through[] = {
		ACQUIRE(1, A), WRITE(1, M, 1, 1), RELEASE(1, A),
		SECTION(2, A), ACQUIRE(2, B),	  WRITE(2, M, 2, 2),
		RELEASE(2, B), SECTION(2, C),	  SECTION(1, C),
		ACQUIRE(1, A), WRITE(1, M, 3, 3), RELEASE(1, A),
	};

	ASSERT_REFUSED(story);
	ASSERT_NOTE(not_through);
}
END_TEST

START_TEST(litmus_13_reader_after_its_own_write_section)
{
	struct event story[] = {
		ACQUIRE_SHARED(1, RW), WRITE(1, M, 1, 1),
		RELEASE_SHARED(1, RW), SECTION(2, RW),
		ACQUIRE_SHARED(2, RW), WRITE(2, M, 2, 2),
		RELEASE_SHARED(2, RW), SECTION(1, RW),
		ACQUIRE_SHARED(1, RW), WRITE(1, M, 3, 3),
		RELEASE_SHARED(1, RW),
	};

	ASSERT_REFUSED(story);
}
END_TEST

START_TEST(litmus_14_handed_over_by_a_semaphore)
{
	struct event story[] = {
		WRITE(1, M, 1, 1),
		POST(1, SEM),
		TAKE(2, SEM),
		WRITE(2, M, 2, 2),
	};

	ASSERT_NONE(story);
}
END_TEST

/* The reads can come together, but neither with a write. */
START_TEST(reads_do_not_conflict)
{
	struct event story[] = {
		ACQUIRE(1, A),	  WRITE(1, M, 1, 1), RELEASE(1, A),
		SECTION(2, A),	  ACQUIRE(2, B),     WRITE(2, M, 2, 2),
		RELEASE(2, B),	  READ(2, M, 2, 2),  SECTION(1, B),
		READ(1, M, 2, 2),
	};

	ASSERT_REFUSED(story);
}
END_TEST

START_TEST(map_under_one_lock_is_not_asked_about)
{
	struct event story[] = {
		ACQUIRE(1, A), WRITE(1, M, 1, 1), RELEASE(1, A),
		ACQUIRE(2, A), WRITE(2, M, 2, 2), RELEASE(2, A),
		ACQUIRE(1, A), READ(1, M, 2, 2),  RELEASE(1, A),
	};

	ASSERT_NONE(story);
}
END_TEST

/* Both have the lock, but thread 2 also reads without it. */
START_TEST(path_without_the_lock_is_found)
{
	struct event story[] = {
		ACQUIRE(1, A),	  WRITE(1, M, 1, 1), RELEASE(1, A),
		ACQUIRE(2, A),	  WRITE(2, M, 2, 2), RELEASE(2, A),
		READ(2, M, 2, 2), SECTION(2, B),     SECTION(1, B),
		ACQUIRE(1, A),	  WRITE(1, M, 3, 3), RELEASE(1, A),
	};
	const struct finding *f = NOTE(story);
	size_t n_held;

	ck_assert_ptr_nonnull(f);
	n_held = f->sides[0].n_held + f->sides[1].n_held;
	ck_assert_uint_eq(n_held, 1);
}
END_TEST

#define PASS(from, to, lock) SECTION(from, lock), SECTION(to, lock)

/* A call that lasts is where it began. */
START_TEST(calls_with_an_entry_and_an_exit_count)
{
	struct event story[] = {
		ENTER_WRITE(1, M, 1), LEAVE(1, M, 1), PASS(1, 2, A),
		ENTER_WRITE(2, M, 2), LEAVE(2, M, 2), PASS(2, 1, B),
		ENTER_WRITE(1, M, 3), LEAVE(1, M, 3),
	};

	ASSERT_NOTE(story);
}
END_TEST

START_TEST(missing_events_end_it)
{
	struct event story[] = {
		WRITE(1, M, 1, 1), SECTION(1, A),     GAP(B),
		SECTION(2, A),	   WRITE(2, M, 2, 2),
	};

	ASSERT_NONE(story);
}
END_TEST

Suite *suite_map_race_sp(void)
{
	Suite *s = suite_create("map_race_sp");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, litmus_8_ordered_by_a_lock_about_something_else);
	tcase_add_test(tc, handed_over_once_by_a_lock);
	tcase_add_test(tc, litmus_10_would_need_sections_turned_round);
	tcase_add_test(tc, litmus_13_reader_after_its_own_write_section);
	tcase_add_test(tc, litmus_14_handed_over_by_a_semaphore);
	tcase_add_test(tc, reads_do_not_conflict);
	tcase_add_test(tc, map_under_one_lock_is_not_asked_about);
	tcase_add_test(tc, path_without_the_lock_is_found);
	tcase_add_test(tc, calls_with_an_entry_and_an_exit_count);
	tcase_add_test(tc, missing_events_end_it);
	suite_add_tcase(s, tc);
	return s;
}

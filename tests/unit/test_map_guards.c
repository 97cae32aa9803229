/* SPDX-License-Identifier: MIT */
/*
 * Which locks guard a map and from when on it counts, told one by one: the
 * litmus table of the design, by number where a test has one.
 */
#include <check.h>
#include <string.h>

#include "race_story.h"
#include "suites.h"

START_TEST(litmus_6_writes_under_a_reader_s_lock)
{
	struct event story[] = {
		ACQUIRE_SHARED(1, RW), WRITE(1, M, 1, 1), RELEASE_SHARED(1, RW),
		ACQUIRE_SHARED(2, RW), WRITE(2, M, 2, 2), RELEASE_SHARED(2, RW),
	};
	const struct finding *f =
		only(RACE(story), "map-write-under-rdlock", LEVEL_ERROR);

	ck_assert_int_eq(f->tier, TIER_PREDICTED);
	ck_assert(f->sides[0].held[0].shared);
}
END_TEST

START_TEST(write_under_a_reader_s_lock_beside_a_reader)
{
	struct event story[] = {
		ACQUIRE_SHARED(1, RW), READ(1, M, 0, 0),  RELEASE_SHARED(1, RW),
		ACQUIRE_SHARED(2, RW), WRITE(2, M, 1, 1), RELEASE_SHARED(2, RW),
	};

	only(RACE(story), "map-write-under-rdlock", LEVEL_ERROR);
}
END_TEST

#define LITMUS_8                                                               \
	AT(7, WRITE(1, M, 1, 1)), ACQUIRE(1, A), RELEASE(1, A), ACQUIRE(2, A), \
		RELEASE(2, A), AT(8, WRITE(2, M, 2, 2))

START_TEST(litmus_8_handed_over_once_by_a_lock)
{
	struct event story[] = { LITMUS_8 };

	assert_silent(RACE(story));
}
END_TEST

START_TEST(litmus_8_the_first_thread_comes_back)
{
	struct event story[] = {
		LITMUS_8,
		ACQUIRE(2, A),
		RELEASE(2, A),
		ACQUIRE(1, A),
		AT(9, WRITE(1, M, 3, 3)),
		RELEASE(1, A),
	};
	const struct finding *f =
		only(RACE(story), "map-race-discipline", LEVEL_NOTE);

	ck_assert_int_eq(f->tier, TIER_DISCIPLINE);
	ck_assert_uint_eq(f->sides[0].stack, 8);
	ck_assert_uint_eq(f->sides[1].stack, 9);
}
END_TEST

START_TEST(litmus_8_a_third_thread_comes)
{
	struct event story[] = {
		LITMUS_8,      ACQUIRE(2, A), RELEASE(2, A),
		ACQUIRE(3, A), RELEASE(3, A), AT(9, WRITE(3, M, 3, 3)),
	};

	only(RACE(story), "map-race-discipline", LEVEL_NOTE);
}
END_TEST

#define FILLED_BY_TWO                                                   \
	ACQUIRE(1, A), WRITE(1, M, 1, 1), RELEASE(1, A), ACQUIRE(2, A), \
		WRITE(2, M, 2, 2), RELEASE(2, A), ACQUIRE(1, A),        \
		WRITE(1, M, 3, 3), RELEASE(1, A)

/* Thread 3 puts another map in its place, under the lock. */
#define TAKEN_OUT FILLED_BY_TWO, ACQUIRE(3, A), RELEASE(3, A)

START_TEST(who_takes_a_map_out_and_ends_it_needs_no_lock)
{
	struct event freed[] = {
		TAKEN_OUT,
		READ(3, M, 3, 3),
		WRITE(3, M, 4, 4),
		FREED(3, M),
	};
	struct event destroyed[] = {
		TAKEN_OUT,
		READ(3, M, 3, 3),
		FREE_MAP(3, M, 4),
	};

	assert_silent(RACE(freed));
	assert_silent(RACE(destroyed));
}
END_TEST

START_TEST(who_uses_a_map_without_the_lock_and_keeps_it_does)
{
	struct event kept[] = { TAKEN_OUT, WRITE(3, M, 4, 4) };
	struct event back[] = {
		TAKEN_OUT,     WRITE(3, M, 4, 4), ACQUIRE(3, A), RELEASE(3, A),
		ACQUIRE(1, A), WRITE(1, M, 5, 5), RELEASE(1, A), ACQUIRE(3, A),
		RELEASE(3, A), WRITE(3, M, 6, 6), FREED(3, M),
	};
	struct event by_another[] = {
		TAKEN_OUT,     WRITE(3, M, 4, 4), ACQUIRE(3, A), RELEASE(3, A),
		ACQUIRE(1, A), RELEASE(1, A),	  FREED(1, M),
	};

	only(RACE(kept), "map-race-discipline", LEVEL_WARNING);
	only(RACE(back), "map-race-discipline", LEVEL_WARNING);
	only(RACE(by_another), "map-race-discipline", LEVEL_WARNING);
}
END_TEST

START_TEST(litmus_10_half_of_it_under_the_lock)
{
	struct event story[] = {
		ACQUIRE(1, A), WRITE(1, M, 1, 1), RELEASE(1, A),
		ACQUIRE(2, A), RELEASE(2, A),	  WRITE(2, M, 2, 2),
	};
	struct event more[] = {
		ACQUIRE(1, A), WRITE(1, M, 1, 1), RELEASE(1, A),
		ACQUIRE(2, A), RELEASE(2, A),	  AT(8, WRITE(2, M, 2, 2)),
		ACQUIRE(2, A), WRITE(2, M, 3, 3), RELEASE(2, A),
		ACQUIRE(1, A), WRITE(1, M, 4, 4), RELEASE(1, A),
	};
	const struct finding *f;

	assert_silent(RACE(story));
	f = only(RACE(more), "map-race-discipline", LEVEL_WARNING);
	ck_assert_ptr_nonnull(strstr(f->message, "66 % of the calls"));
	ck_assert_ptr_nonnull(strstr(f->message, "1 path omits it"));
}
END_TEST

START_TEST(litmus_18_filled_before_it_is_shared)
{
	struct event story[] = {
		WRITE(1, M, 1, 1), WRITE(1, M, 2, 2), CREATE(1, 2),
		BEGIN(2, 1),	   READ(1, M, 2, 2),  READ(2, M, 2, 2),
		READ(1, M, 2, 2),  READ(2, M, 2, 2),
	};

	assert_silent(RACE(story));
}
END_TEST

START_TEST(litmus_19_filled_without_a_lock_used_with_one)
{
	struct event story[] = {
		WRITE(1, M, 1, 1), CREATE(1, 2),      BEGIN(2, 1),
		ACQUIRE(2, A),	   WRITE(2, M, 2, 2), RELEASE(2, A),
		ACQUIRE(1, A),	   WRITE(1, M, 3, 3), RELEASE(1, A),
		ACQUIRE(2, A),	   WRITE(2, M, 4, 4), RELEASE(2, A),
		ACQUIRE(1, A),	   WRITE(1, M, 5, 5), RELEASE(1, A),
	};

	assert_silent(RACE(story));
}
END_TEST

static size_t stripe(struct event *story, size_t n, uint32_t who, uint64_t key)
{
	uint32_t lock = key % 2 ? A : B;

	story[n] = ACQUIRE(who, lock);
	story[n + 1] = KEY(key, WRITE(who, M, n / 3 + 1, n / 3 + 1));
	story[n + 2] = RELEASE(who, lock);
	return n + 3;
}

START_TEST(litmus_45_a_lock_for_each_stripe_of_keys)
{
	struct event story[72];
	size_t n = 0;

	while (n < N_EVENTS(story)) {
		n = stripe(story, n, 1, 11);
		n = stripe(story, n, 2, 12);
		n = stripe(story, n, 2, 11);
		n = stripe(story, n, 1, 12);
	}
	only(run_story(map_race_alone(), story, n, NULL), "map-striped-unsafe",
	     LEVEL_WARNING);
}
END_TEST

/* Two accesses of each key, and no more, are two when all keys have come. */
START_TEST(stripes_of_many_keys_are_found_too)
{
	struct event story[3 * 44];
	size_t n = 0;

	for (int round = 0; round < 2; round++)
		for (uint64_t key = 11; key < 31; key++)
			n = stripe(story, n, 1 + (key / 2 + round) % 2, key);
	for (uint64_t key = 11; key < 15; key++)
		n = stripe(story, n, 1 + key % 2, key);
	only(run_story(map_race_alone(), story, n, NULL), "map-striped-unsafe",
	     LEVEL_WARNING);
}
END_TEST

START_TEST(one_key_without_its_lock_is_no_stripe)
{
	struct event story[72];
	size_t n = 0;

	while (n < N_EVENTS(story)) {
		n = stripe(story, n, 1, 11);
		n = stripe(story, n, 2, 12);
		n = stripe(story, n, 2, 11);
		n = stripe(story, n, 1, 12);
	}
	story[n - 3].object = story[n - 1].object = C;
	only(run_story(map_race_alone(), story, n, NULL), "map-race-hb",
	     LEVEL_WARNING);
}
END_TEST

START_TEST(maps_made_at_one_place_are_one_finding)
{
	struct event story[] = {
		WRITE(1, M, 1, 1),	  WRITE(1, N, 1, 1),
		WRITE(2, M, 2, 2),	  WRITE(2, M, 3, 3),
		READ(1, M, 3, 3),	  WRITE(2, SAFE_MAP, 1, 1),
		WRITE(1, SAFE_MAP, 2, 2),
	};
	const struct finding *f =
		only(RACE(story), "map-race-hb", LEVEL_WARNING);

	/* The second write follows one of its own thread. */
	ck_assert_uint_eq(f->count, 2);
}
END_TEST

#define GUARDED(who, lock, at, n) \
	ACQUIRE(who, lock), AT(at, WRITE(who, M, n, n)), RELEASE(who, lock)

START_TEST(paths_that_omit_the_usual_lock_are_named)
{
	struct event story[] = {
		GUARDED(1, A, 20, 1),	  GUARDED(2, A, 21, 2),
		GUARDED(1, A, 20, 3),	  GUARDED(2, A, 21, 4),
		GUARDED(1, A, 20, 5),	  GUARDED(2, A, 21, 6),
		AT(30, READ(2, M, 6, 6)), AT(31, READ(2, M, 6, 6)),
		AT(32, READ(1, M, 6, 6)),
	};
	const struct finding *f =
		only(RACE(story), "map-race-hb", LEVEL_WARNING);

	/* From the hand-over on: 5 guarded calls of 8. */
	ck_assert_ptr_nonnull(strstr(f->message, "62 % of the calls"));
	ck_assert_ptr_nonnull(strstr(f->message, "3 paths omit it"));
	ck_assert_uint_eq(f->sides[0].stack, 21);
	ck_assert_uint_eq(f->sides[1].stack, 32);
	ck_assert_uint_eq(f->n_sides, 4);
	ck_assert_uint_eq(f->sides[2].stack, 30);
	ck_assert_str_eq(f->sides[2].role, "also read without it");
	ck_assert_uint_eq(f->sides[3].stack, 31);
}
END_TEST

/* Four calls under A; then thread 3, which nothing orders, does something. */
#define GUARDED_FOUR                                                      \
	GUARDED(1, A, 20, 1), GUARDED(2, A, 21, 2), GUARDED(1, A, 20, 3), \
		GUARDED(2, A, 21, 4)

START_TEST(write_in_a_callback_of_what_others_lock)
{
	struct event story[] = {
		GUARDED_FOUR,
		CALLED_BACK(3),
		AT(30, WRITE(3, M, 5, 5)),
		CALLBACK_ENDS(3),
	};
	struct event nested[] = {
		GUARDED_FOUR,
		CALLED_BACK(3),
		CALLED_BACK(3),
		CALLBACK_ENDS(3),
		AT(30, WRITE(3, M, 5, 5)),
	};
	const struct finding *f =
		only(RACE(story), "callback-write", LEVEL_WARNING);

	ck_assert_int_eq(f->tier, TIER_PREDICTED);
	ck_assert_uint_eq(f->sides[1].stack, 30);
	ck_assert_ptr_nonnull(strstr(f->message, "by way of set_timer()"));
	only(RACE(nested), "callback-write", LEVEL_WARNING);
}
END_TEST

START_TEST(callback_that_locks_or_has_ended_or_reads)
{
	struct event locks[] = {
		GUARDED_FOUR,
		CALLED_BACK(3),
		GUARDED(3, A, 30, 5),
		CALLBACK_ENDS(3),
	};
	struct event ended[] = {
		GUARDED_FOUR,
		CALLED_BACK(3),
		CALLBACK_ENDS(3),
		AT(30, WRITE(3, M, 5, 5)),
	};
	struct event torn[] = {
		GUARDED_FOUR,
		CALLED_BACK(3),
		DROP(3),
		GUARDED(1, A, 20, 5),
		AT(30, WRITE(3, M, 6, 6)),
	};
	struct event reads[] = {
		GUARDED_FOUR,
		CALLED_BACK(3),
		AT(30, READ(3, M, 4, 4)),
		CALLBACK_ENDS(3),
	};
	struct event nobody_locks[] = {
		WRITE(1, M, 1, 1),
		CALLED_BACK(3),
		AT(30, WRITE(3, M, 2, 2)),
		CALLBACK_ENDS(3),
	};

	assert_silent(RACE(locks));
	only(RACE(ended), "map-race-hb", LEVEL_WARNING);
	only(RACE(torn), "map-race-hb", LEVEL_WARNING);
	only(RACE(reads), "map-race-hb", LEVEL_WARNING);
	only(RACE(nobody_locks), "map-race-hb", LEVEL_WARNING);
}
END_TEST

START_TEST(two_locks_that_an_outer_one_happens_to_order)
{
	struct event story[] = {
		GUARDED(1, A, 20, 1), GUARDED(2, A, 21, 2),
		GUARDED(1, A, 20, 3), GUARDED(2, A, 21, 4),
		GUARDED(1, A, 20, 5), ACQUIRE(2, A),
		RELEASE(2, A),	      GUARDED(2, B, 22, 6),
	};
	const struct finding *f =
		only(RACE(story), "guard-mixed", LEVEL_WARNING);

	ck_assert_int_eq(f->tier, TIER_DISCIPLINE);
	ck_assert_uint_eq(f->sides[1].stack, 22);
}
END_TEST

/* Thread 3 knows of thread 2 by a queue, of thread 1 by the lock only. */
START_TEST(who_knows_of_the_last_only_does_not_own_the_map)
{
	struct event story[] = {
		ACQUIRE(1, A),	    READ(1, M, 0, 0),  RELEASE(1, A),
		ACQUIRE(2, A),	    READ(2, M, 0, 0),  RELEASE(2, A),
		BEFORE(2, CHANNEL), AFTER(3, CHANNEL), WRITE(3, M, 1, 1),
	};

	only(RACE(story), "map-race-discipline", LEVEL_NOTE);
}
END_TEST

#define BY_KEY(who, lock, key, n) \
	ACQUIRE(who, lock), KEY(key, WRITE(who, M, n, n)), RELEASE(who, lock)

START_TEST(write_as_a_reader_that_the_lock_orders)
{
	struct event first[] = {
		GUARDED(1, RW, 20, 1), RELEASE(3, B),
		ACQUIRE_SHARED(2, RW), WRITE(2, M, 2, 2),
		RELEASE_SHARED(2, RW), GUARDED(1, RW, 20, 3),
	};
	struct event later[] = {
		GUARDED(1, RW, 20, 1), GUARDED(2, RW, 21, 2),
		ACQUIRE_SHARED(1, RW), WRITE(1, M, 3, 3),
		RELEASE_SHARED(1, RW),
	};
	const struct finding *f =
		only(RACE(first), "map-write-under-rdlock", LEVEL_WARNING);

	ck_assert_int_eq(f->tier, TIER_DISCIPLINE);
	only(RACE(later), "map-write-under-rdlock", LEVEL_WARNING);
}
END_TEST

START_TEST(read_without_the_lock_that_it_happens_to_order)
{
	struct event story[] = {
		GUARDED(1, A, 20, 1), GUARDED(2, A, 21, 2),
		GUARDED(1, A, 20, 3), AT(30, READ(1, M, 3, 3)),
		ACQUIRE(1, A),	      RELEASE(1, A),
		GUARDED(2, A, 21, 4),
	};
	const struct finding *f =
		only(RACE(story), "map-race-discipline", LEVEL_WARNING);

	ck_assert_ptr_nonnull(strstr(f->message, "1 path omits it"));
}
END_TEST

START_TEST(one_key_under_two_locks_is_no_stripe)
{
	struct event story[] = {
		BY_KEY(1, A, 5, 1), BY_KEY(2, A, 5, 2), BY_KEY(1, A, 5, 3),
		BY_KEY(1, B, 5, 4), BY_KEY(2, B, 5, 5), BY_KEY(1, B, 5, 6),
	};

	ck_assert_str_ne(only_finding(RACE(story))->rule->id,
			 "map-striped-unsafe");
}
END_TEST

Suite *suite_map_guards(void)
{
	Suite *s = suite_create("map_guards");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, litmus_6_writes_under_a_reader_s_lock);
	tcase_add_test(tc, write_under_a_reader_s_lock_beside_a_reader);
	tcase_add_test(tc, litmus_8_handed_over_once_by_a_lock);
	tcase_add_test(tc, litmus_8_the_first_thread_comes_back);
	tcase_add_test(tc, litmus_8_a_third_thread_comes);
	tcase_add_test(tc, who_takes_a_map_out_and_ends_it_needs_no_lock);
	tcase_add_test(tc, who_uses_a_map_without_the_lock_and_keeps_it_does);
	tcase_add_test(tc, litmus_10_half_of_it_under_the_lock);
	tcase_add_test(tc, litmus_18_filled_before_it_is_shared);
	tcase_add_test(tc, litmus_19_filled_without_a_lock_used_with_one);
	tcase_add_test(tc, litmus_45_a_lock_for_each_stripe_of_keys);
	tcase_add_test(tc, stripes_of_many_keys_are_found_too);
	tcase_add_test(tc, one_key_without_its_lock_is_no_stripe);
	tcase_add_test(tc, maps_made_at_one_place_are_one_finding);
	tcase_add_test(tc, paths_that_omit_the_usual_lock_are_named);
	tcase_add_test(tc, write_in_a_callback_of_what_others_lock);
	tcase_add_test(tc, callback_that_locks_or_has_ended_or_reads);
	tcase_add_test(tc, two_locks_that_an_outer_one_happens_to_order);
	tcase_add_test(tc, who_knows_of_the_last_only_does_not_own_the_map);
	tcase_add_test(tc, write_as_a_reader_that_the_lock_orders);
	tcase_add_test(tc, read_without_the_lock_that_it_happens_to_order);
	tcase_add_test(tc, one_key_under_two_locks_is_no_stripe);
	suite_add_tcase(s, tc);
	return s;
}

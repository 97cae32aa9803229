/* SPDX-License-Identifier: MIT */
/* What is counted of a map's use.  N's making was seen, M's was not. */
#include "maps/spans.h"
#include "script.h"
#include "suites.h"

#define RUN_IT(story) RUN(&analysis_map_profile, story)
#define SECOND	      1000000000u

START_TEST(calls_are_counted_by_kind_and_result)
{
	struct event story[] = {
		MISS(KEY(1, WRITE(1, N, 1, 1))),
		MISS(KEY(2, WRITE(1, N, 2, 2))),
		HIT(KEY(1, WRITE(1, N, 3, 3))),
		HIT(KEY(1, READ(1, N, 3, 3))),
		MISS(KEY(9, READ(1, N, 3, 3))),
		KEY(8, READ(1, N, 3, 3)),
		HIT(KEY(1, REMOVE(1, N, 4))),
		MISS(KEY(1, REMOVE(1, N, 5))),
		BEGIN_WITH(1, N, 77, 5),
		HIT(STEP(1, N, 77, 5)),
		MISS(STEP(1, N, 77, 5)),
		ENTER_READ(1, N, 5),
		LEAVE(1, N, 5),
	};
	const struct map_profile *p = profile_of_map(RUN_IT(story), N);

	ck_assert_uint_eq(p->counts.puts, 3);
	ck_assert_uint_eq(p->counts.added, 2);
	ck_assert_uint_eq(p->counts.replaced, 1);
	ck_assert_uint_eq(p->counts.lookups, 3);
	ck_assert_uint_eq(p->counts.hits, 1);
	ck_assert_uint_eq(p->counts.misses, 1);
	ck_assert_uint_eq(p->counts.removals, 2);
	ck_assert_uint_eq(p->counts.removed, 1);
	ck_assert_uint_eq(p->counts.steps, 2);
	ck_assert_uint_eq(p->counts.walks, 2);
	ck_assert_uint_eq(p->n_keyed, 8);
	ck_assert(p->size.is_known);
	ck_assert_uint_eq(p->size.now, 1);
	ck_assert_uint_eq(p->size.most, 2);
}
END_TEST

START_TEST(key_that_is_not_known_is_one_all_the_same)
{
	struct event story[] = {
		KEY(0, READ(1, M, 0, 0)),
		HIT(KEY(0, READ(1, M, 0, 0))),
		READ(1, M, 0, 0),
	};
	const struct map_profile *p = profile_of_map(RUN_IT(story), M);

	ck_assert_uint_eq(p->counts.lookups, 2);
	ck_assert_uint_eq(p->counts.hits, 1);
	ck_assert_uint_eq(p->counts.walks, 1);
	ck_assert_uint_eq(p->n_keyed, 0);
}
END_TEST

START_TEST(size_is_known_from_the_call_that_says_it)
{
	struct event story[] = {
		MISS(KEY(1, WRITE(1, M, 1, 1))),
		COUNT(12, READ(1, M, 1, 1)),
		MISS(KEY(2, WRITE(1, M, 2, 2))),
		COUNT(3, REMOVE(1, M, 3)),
	};
	const struct map_profile *p = profile_of_map(RUN_IT(story), M);

	ck_assert(p->size.is_known);
	ck_assert_uint_eq(p->size.now, 10);
	ck_assert_uint_eq(p->size.most, 13);
	ck_assert_uint_eq(p->counts.removed, 3);
}
END_TEST

START_TEST(removal_of_all_leaves_nothing)
{
	struct event story[] = {
		MISS(KEY(1, WRITE(1, M, 1, 1))),
		REMOVE(1, M, 2),
		MISS(KEY(2, WRITE(1, M, 3, 3))),
	};
	const struct map_profile *p = profile_of_map(RUN_IT(story), M);

	ck_assert(p->size.is_known);
	ck_assert_uint_eq(p->size.now, 1);
}
END_TEST

START_TEST(size_is_not_guessed)
{
	struct event unseen[] = { MISS(KEY(1, WRITE(1, M, 1, 1))) };
	struct event untold[] = { KEY(1, WRITE(1, N, 1, 1)) };
	struct event gap[] = { MISS(KEY(1, WRITE(1, N, 1, 1))), GAP(N) };
	/* Asked before the write that comes first here. */
	struct event before[] = {
		MISS(KEY(1, WRITE(1, M, 1, 1))),
		COUNT(0, READ(2, M, 0, 0)),
	};

	ck_assert(!profile_of_map(RUN_IT(unseen), M)->size.is_known);
	ck_assert(!profile_of_map(RUN_IT(untold), N)->size.is_known);
	ck_assert(!profile_of_map(RUN_IT(gap), N)->size.is_known);
	ck_assert(!profile_of_map(RUN_IT(before), M)->size.is_known);
}
END_TEST

START_TEST(locks_count_once_a_second_thread_is_there)
{
	struct event story[] = {
		WRITE(1, M, 1, 1), ACQUIRE(2, A),	  ACQUIRE_SHARED(2, RW),
		READ(2, M, 1, 1),  RELEASE_SHARED(2, RW), READ(2, M, 1, 1),
		RELEASE(2, A),	   ACQUIRE(1, A),	  WRITE(1, M, 2, 2),
		RELEASE(1, A),
	};
	const struct map_profile *p = profile_of_map(RUN_IT(story), M);

	ck_assert_uint_eq(p->n_shared, 3);
	ck_assert_uint_eq(p->n_guards, 2);
	ck_assert_uint_eq(p->guards[0].lock, A);
	ck_assert_uint_eq(p->guards[0].n, 3);
	ck_assert_uint_eq(p->guards[0].n_shared, 0);
	ck_assert_uint_eq(p->guards[1].lock, RW);
	ck_assert_uint_eq(p->guards[1].n, 1);
	ck_assert_uint_eq(p->guards[1].n_shared, 1);
}
END_TEST

enum { MANY = 4000 };

/* A put every so often; each `every`-th is taken out again. */
static const struct report *run_puts(uint64_t step_ns, uint64_t every)
{
	static struct event story[2 * MANY];
	size_t n = 0;
	uint64_t seq = 0;

	for (uint64_t i = 1; i <= MANY; i++) {
		seq++;
		story[n++] =
			WHEN(i * step_ns, MISS(KEY(i, WRITE(1, N, seq, seq))));
		if (every && i % every == 0) {
			seq++;
			story[n++] = WHEN(i * step_ns,
					  HIT(KEY(i, REMOVE(1, N, seq))));
		}
	}
	return run_story(&analysis_map_profile, story, n, NULL);
}

START_TEST(map_that_only_grows_is_a_note)
{
	const struct report *r = run_puts(SECOND / 1000, 2);
	const struct finding *f = only_finding(r);
	const struct map_profile *p = profile_of_map(r, N);

	ck_assert_str_eq(f->rule->id, "map-growth");
	ck_assert_int_eq(f->level, LEVEL_NOTE);
	ck_assert_uint_eq(f->weight, MANY / 2);
	ck_assert_uint_ge(p->size.n_at, MIN_SPANS);
	ck_assert_uint_eq(p->size.at[p->size.n_at - 1], MANY / 2);
}
END_TEST

START_TEST(map_that_stays_small_or_is_short_lived_is_none)
{
	ck_assert_uint_eq(report_n_added(run_puts(SECOND / 1000, 1)), 0);
	ck_assert_uint_eq(report_n_added(run_puts(SECOND / 1000000, 0)), 0);
}
END_TEST

START_TEST(hottest_key_is_named)
{
	static struct event story[300];

	for (uint64_t i = 0; i < 300; i++)
		story[i] = HIT(KEY(i % 3 ? 5 : 100 + i, READ(1, M, 0, 0)));
	const struct map_profile *p = profile_of_map(RUN_IT(story), M);

	ck_assert_uint_gt(p->n_keys, 0);
	ck_assert_uint_eq(p->keys[0].key, 5);
	ck_assert_uint_le(p->keys[0].count, 200);
	ck_assert_uint_ge(p->keys[0].count, 150);
}
END_TEST

#define LOCKED_WRITE(who, seq) \
	ACQUIRE(who, A), WRITE(who, M, seq, seq), RELEASE(who, A)

START_TEST(handler_that_writes_what_others_lock_is_a_warning)
{
	struct event story[] = {
		LOCKED_WRITE(1, 1), LOCKED_WRITE(2, 2),
		HANDLER_ENTER(2),   AT(9, WRITE(2, M, 3, 3)),
		HANDLER_EXIT(2),    LOCKED_WRITE(1, 4),
	};
	const struct finding *f = only_finding(RUN_IT(story));

	ck_assert_str_eq(f->rule->id, "callback-write");
	ck_assert_int_eq(f->level, LEVEL_WARNING);
	ck_assert_uint_eq(f->object, M);
	ck_assert_uint_eq(f->sides[0].stack, 9);
}
END_TEST

START_TEST(handler_that_reads_or_writes_what_nobody_locks_is_none)
{
	struct event reads[] = {
		LOCKED_WRITE(1, 1), LOCKED_WRITE(2, 2), HANDLER_ENTER(2),
		READ(2, M, 2, 2),   HANDLER_EXIT(2),
	};
	struct event unlocked[] = {
		WRITE(1, M, 1, 1), WRITE(2, M, 2, 2), HANDLER_ENTER(2),
		WRITE(2, M, 3, 3), HANDLER_EXIT(2),
	};
	struct event after[] = {
		LOCKED_WRITE(1, 1), HANDLER_ENTER(2),	HANDLER_EXIT(2),
		LOCKED_WRITE(2, 2), LOCKED_WRITE(1, 3),
	};

	ck_assert_uint_eq(report_n_added(RUN_IT(reads)), 0);
	ck_assert_uint_eq(report_n_added(RUN_IT(unlocked)), 0);
	ck_assert_uint_eq(report_n_added(RUN_IT(after)), 0);
}
END_TEST

Suite *suite_map_profile(void)
{
	Suite *s = suite_create("map_profile");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, calls_are_counted_by_kind_and_result);
	tcase_add_test(tc, key_that_is_not_known_is_one_all_the_same);
	tcase_add_test(tc, size_is_known_from_the_call_that_says_it);
	tcase_add_test(tc, removal_of_all_leaves_nothing);
	tcase_add_test(tc, size_is_not_guessed);
	tcase_add_test(tc, locks_count_once_a_second_thread_is_there);
	tcase_add_test(tc, map_that_only_grows_is_a_note);
	tcase_add_test(tc, map_that_stays_small_or_is_short_lived_is_none);
	tcase_add_test(tc, hottest_key_is_named);
	tcase_add_test(tc, handler_that_writes_what_others_lock_is_a_warning);
	tcase_add_test(tc,
		       handler_that_reads_or_writes_what_nobody_locks_is_none);
	suite_add_tcase(s, tc);
	return s;
}

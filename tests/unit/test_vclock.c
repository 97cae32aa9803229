/* SPDX-License-Identifier: MIT */
/* Clocks of all lengths against plain arrays. */
#include <string.h>

#include "suites.h"
#include "world/vclock.h"

enum { N_SLOTS = 3000, N_CLOCKS = 12, N_STEPS = 4000 };

static uint32_t random_state;

static uint32_t dice(uint32_t sides)
{
	random_state = random_state * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(random_state >> 8) * sides >> 24);
}

/* Small ones are common, as they are in life. */
static uint32_t some_slot(void)
{
	return dice(dice(2) ? 40 : N_SLOTS);
}

static bool covers(const uint32_t *a, const uint32_t *b)
{
	for (int i = 0; i < N_SLOTS; i++)
		if (b[i] > a[i])
			return false;
	return true;
}

static void learn(uint32_t *to, const uint32_t *from, uint32_t slot,
		  uint32_t count)
{
	for (int i = 0; i < N_SLOTS; i++)
		if (from[i] > to[i])
			to[i] = from[i];
	if (to[slot] < count)
		to[slot] = count;
}

static void assert_equal(const struct vclock *clock, const uint32_t *plain)
{
	for (uint32_t i = 0; i < N_SLOTS; i++)
		if (vclock_at(clock, i) != plain[i])
			ck_abort_msg("slot %u: %u, not %u", i,
				     vclock_at(clock, i), plain[i]);
}

START_TEST(clocks_are_as_arrays_would_be)
{
	static uint32_t plain[N_CLOCKS][N_SLOTS];
	struct vclock *clocks[N_CLOCKS] = { NULL };
	struct vclock_pool *pool = vclock_pool_new();

	memset(plain, 0, sizeof(plain));
	random_state = 7;
	for (int n = 0; n < N_STEPS; n++) {
		uint32_t a = dice(N_CLOCKS), b = dice(N_CLOCKS);
		uint32_t slot = some_slot(), count = dice(1000);

		switch (dice(8)) {
		case 0: /* b is given what a knows */
			if (a == b)
				break;
			vclock_drop(pool, &clocks[b]);
			clocks[b] = vclock_keep(clocks[a]);
			memcpy(plain[b], plain[a], sizeof(plain[b]));
			break;
		case 1:
			vclock_drop(pool, &clocks[a]);
			memset(plain[a], 0, sizeof(plain[a]));
			break;
		case 2:
			ck_assert_int_eq(vclock_covers(clocks[a], clocks[b]),
					 covers(plain[a], plain[b]));
			break;
		default:
			vclock_learn(pool, &clocks[a], clocks[b], slot, count);
			learn(plain[a], plain[b], slot, count);
		}
		assert_equal(clocks[a], plain[a]);
		assert_equal(clocks[b], plain[b]);
	}
	for (int i = 0; i < N_CLOCKS; i++)
		assert_equal(clocks[i], plain[i]);
	vclock_pool_free(pool);
}
END_TEST

START_TEST(knowing_nothing_costs_nothing)
{
	struct vclock_pool *pool = vclock_pool_new();
	struct vclock *clock = NULL;

	vclock_learn(pool, &clock, NULL, 0, 0);
	ck_assert_ptr_null(clock);
	ck_assert(vclock_covers(clock, NULL));
	vclock_learn(pool, &clock, NULL, 5, 1);
	ck_assert_uint_eq(clock->n, 6);
	ck_assert(!vclock_covers(NULL, clock));
	vclock_pool_free(pool);
}
END_TEST

START_TEST(memory_is_used_again)
{
	struct vclock_pool *pool = vclock_pool_new();
	struct vclock *clock = NULL, *first;

	vclock_learn(pool, &clock, NULL, 70, 1);
	first = clock;
	vclock_drop(pool, &clock);
	ck_assert_ptr_null(clock);
	vclock_learn(pool, &clock, NULL, 71, 2);
	ck_assert_ptr_eq(clock, first);
	ck_assert_uint_eq(vclock_at(clock, 70), 0);
	vclock_pool_free(pool);
}
END_TEST

Suite *suite_vclock(void)
{
	Suite *s = suite_create("vclock");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, clocks_are_as_arrays_would_be);
	tcase_add_test(tc, knowing_nothing_costs_nothing);
	tcase_add_test(tc, memory_is_used_again);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/* What comes often is found in the space of a few. */
#include "maps/hotkeys.h"

#include "suites.h"

START_TEST(few_keys_are_counted_exactly)
{
	struct hotkeys hot = { .n = 0 };
	struct map_key keys[N_HOT_KEYS];

	for (uint64_t i = 0; i < 60; i++)
		hotkeys_add(&hot, i % 3 ? 7 : i % 2 ? 8 : 9);
	ck_assert_uint_eq(hotkeys_list(&hot, keys), 3);
	ck_assert_uint_eq(keys[0].key, 7);
	ck_assert_uint_eq(keys[0].count, 40);
	ck_assert_uint_eq(keys[1].count, 10);
	ck_assert_uint_eq(keys[2].count, 10);
}
END_TEST

/* Never more than it was, and found if it is more than one in sixteen. */
START_TEST(frequent_key_is_found_among_many)
{
	struct hotkeys hot = { .n = 0 };
	struct map_key keys[N_HOT_KEYS];
	size_t n;

	for (uint64_t i = 0; i < 100000; i++)
		hotkeys_add(&hot, i % 10 ? 1000 + i : 7);
	n = hotkeys_list(&hot, keys);
	ck_assert_uint_eq(n, N_HOT_KEYS);
	ck_assert_uint_eq(keys[0].key, 7);
	ck_assert_uint_le(keys[0].count, 10000);
	ck_assert_uint_ge(keys[0].count, 10000 - 100000 / N_HOT_KEYS);
	for (size_t i = 1; i < n; i++)
		ck_assert_uint_eq(keys[i].count, 1);
}
END_TEST

/* The sum of all counts is how many came: none is counted twice or not. */
START_TEST(counts_are_never_too_high_and_add_up)
{
	static uint64_t really[5000];
	struct hotkeys hot = { .n = 0 };
	struct map_key keys[N_HOT_KEYS];
	uint64_t random = 1, sum = 0;

	for (int i = 0; i < 50000; i++) {
		uint64_t key;

		random = random * 6364136223846793005u + 1442695040888963407u;
		key = (random >> 33) % (1 + (random >> 40) % 5000);
		really[key]++;
		hotkeys_add(&hot, key);
	}
	for (uint32_t i = 0; i < N_HOT_KEYS; i++)
		sum += hot.keys[i].count;
	ck_assert_uint_eq(sum, 50000);
	ck_assert_uint_eq(hotkeys_list(&hot, keys), N_HOT_KEYS);
	for (uint32_t i = 0; i < N_HOT_KEYS; i++)
		ck_assert_uint_le(keys[i].count, really[keys[i].key]);
}
END_TEST

Suite *suite_hotkeys(void)
{
	Suite *s = suite_create("hotkeys");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, few_keys_are_counted_exactly);
	tcase_add_test(tc, frequent_key_is_found_among_many);
	tcase_add_test(tc, counts_are_never_too_high_and_add_up);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/*
 * What store.h promises of arena, growing array and table, in memory and in a
 * file.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "store.h"
#include "suites.h"

static bool all_zero(const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i])
			return false;
	}
	return true;
}

START_TEST(arena_memory_is_zero_aligned_and_apart)
{
	static const size_t sizes[] = { 1, 15, 16, 17, 4096, 70000, 3 };
	struct arena *mem = arena_new();

	for (int round = 0; round < 200; round++) {
		for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			unsigned char *p = arena_alloc(mem, sizes[i]);

			ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t),
					  0);
			/* What was filled before is not given again. */
			ck_assert(all_zero(p, sizes[i]));
			memset(p, 0xa5, sizes[i]);
		}
	}
	arena_free(mem);
}
END_TEST

START_TEST(arena_texts_are_copies)
{
	struct arena *mem = arena_new();
	char text[] = "one";
	char *copy = arena_strdup(mem, text);
	char *made = arena_printf(mem, "%s %d", text, 22);

	text[0] = 'X';
	ck_assert_str_eq(copy, "one");
	ck_assert_str_eq(made, "one 22");
	arena_free(mem);
}
END_TEST

START_TEST(a_grown_array_keeps_old_and_zeroes_new)
{
	uint32_t *list = NULL;
	size_t room = 0, n = 0;

	for (; n < 1000; n++) {
		list = grow(list, &room, n, sizeof(*list));
		ck_assert_uint_gt(room, n);
		ck_assert_uint_eq(list[n], 0);
		list[n] = (uint32_t)n + 1;
	}
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(list[i], i + 1);
	store_free(list);
}
END_TEST

START_TEST(arrays_that_grow_in_turns_are_apart)
{
	uint32_t *lists[5] = { NULL };
	size_t room[5] = { 0 };

	for (uint32_t n = 0; n < 3000; n++)
		for (uint32_t i = 0; i < 5; i++) {
			lists[i] = grow(lists[i], &room[i], n, sizeof(n));
			lists[i][n] = n * 5 + i;
		}
	for (uint32_t n = 0; n < 3000; n++)
		for (uint32_t i = 0; i < 5; i++)
			ck_assert_uint_eq(lists[i][n], n * 5 + i);
	for (size_t i = 0; i < 5; i++)
		store_free(lists[i]);
}
END_TEST

START_TEST(a_table_finds_what_was_stored_and_no_more)
{
	struct table *table = table_new();

	for (uint64_t i = 0; i < 10000; i++)
		*table_at(table, i, i << 40) = i + 7;
	ck_assert_uint_eq(table_count(table), 10000);

	for (uint64_t i = 0; i < 10000; i++) {
		ck_assert_uint_eq(*table_find(table, i, i << 40), i + 7);
		ck_assert_ptr_null(table_find(table, i, (i << 40) + 1));
	}
	ck_assert_ptr_null(table_find(table, 10000, (uint64_t)10000 << 40));
	ck_assert_uint_eq(table_count(table), 10000);
	table_free(table);
}
END_TEST

START_TEST(a_pair_is_not_its_reverse_and_zero_is_a_key)
{
	struct table *table = table_new();

	ck_assert_ptr_null(table_find(table, 0, 0));
	ck_assert_uint_eq(*table_at(table, 0, 0), 0);
	ck_assert_ptr_nonnull(table_find(table, 0, 0));

	*table_at(table, 1, 2) = 12;
	*table_at(table, 2, 1) = 21;
	ck_assert_uint_eq(*table_at(table, 1, 2), 12);
	ck_assert_uint_eq(*table_at(table, 2, 1), 21);
	ck_assert_uint_eq(table_count(table), 3);
	table_free(table);
}
END_TEST

/* Adds `last` numbers to one of an allowance; how many are kept of them. */
static size_t keep_numbers(uint64_t **list, uint64_t last, size_t most,
			   struct allowance *left)
{
	size_t room = 0, n = 0;

	for (uint64_t i = 1; i <= last; i++) {
		*list = grow_recent(*list, &room, &n, sizeof(**list), most,
				    left);
		(*list)[n++] = i;
		ck_assert_uint_le(n, room);
		for (size_t k = 1; k < n; k++)
			ck_assert_uint_eq((*list)[k], (*list)[k - 1] + 1);
	}
	return n;
}

START_TEST(what_came_last_is_kept_up_to_a_number)
{
	uint64_t *list = NULL;
	size_t n = keep_numbers(&list, 1000, 64, NULL);

	ck_assert_uint_ge(n, 32);
	ck_assert_uint_le(n, 64);
	ck_assert_uint_eq(list[n - 1], 1000);
	store_free(list);
}
END_TEST

START_TEST(arrays_share_an_allowance_and_keep_some_without)
{
	struct allowance left = { .bytes = 100 * sizeof(uint64_t) };
	uint64_t *greedy = NULL, *late = NULL;
	size_t n = keep_numbers(&greedy, 1000, 1000, &left);

	ck_assert_uint_le(n, 100);
	ck_assert_uint_ge(n, 33);
	ck_assert_uint_eq(greedy[n - 1], 1000);

	left.bytes = 0;
	n = keep_numbers(&late, 1000, 1000, &left);
	ck_assert_uint_ge(n, 8);
	ck_assert_uint_le(n, 32);
	ck_assert_uint_eq(late[n - 1], 1000);
	store_free(greedy);
	store_free(late);
}
END_TEST

/* Nothing is to stay in memory. */
static void no_memory(void)
{
	store_budget(1);
}

static void file_was_used(void)
{
	ck_assert(store_has_spilled);
	ck_assert_ptr_null(store_trouble());
}

/* So that all sizes of blocks are given back and asked for again. */
START_TEST(what_was_freed_is_zero_when_it_comes_again)
{
	for (int round = 0; round < 3; round++)
		for (size_t n = 1; n < 1u << 21; n += n / 3 + 1) {
			unsigned char *one = zeroed(n, 1), *two = zeroed(n, 1);

			ck_assert(all_zero(one, n) && all_zero(two, n));
			memset(one, 0x5a, n);
			ck_assert(all_zero(two, n));
			store_free(one);
			store_free(two);
		}
}
END_TEST

/* What is given back to the file is there when it is looked at. */
START_TEST(what_does_not_fit_comes_again)
{
	enum { N = 1 << 20 };
	uint64_t *list = NULL;
	size_t room = 0;

	for (size_t n = 0; n < N; n++) {
		list = grow(list, &room, n, sizeof(*list));
		list[n] = n * 3;
	}
	for (uint64_t round = 0; round < 3; round++) {
		size_t n = 0;

		while (n < N && list[n] == n * 3 + round)
			list[n++]++;
		ck_assert_uint_eq(n, N);
	}
	store_free(list);
}
END_TEST

static pthread_barrier_t all_are_there;

static void *fill(void *seed)
{
	enum { N = 16, BYTES = 48 };
	unsigned char byte = *(const unsigned char *)seed, *mine[N] = { NULL };
	bool is_good = true;

	pthread_barrier_wait(&all_are_there);
	for (size_t round = 0; round < 300000; round++) {
		unsigned char **one = &mine[round % N];

		for (size_t i = 0; *one && i < BYTES; i++)
			is_good &= (*one)[i] == byte;
		store_free(*one);
		*one = zeroed(BYTES, 1);
		is_good &= all_zero(*one, BYTES);
		memset(*one, byte, BYTES);
	}
	for (size_t i = 0; i < N; i++)
		store_free(mine[i]);
	return is_good ? seed : NULL;
}

START_TEST(threads_get_blocks_of_their_own)
{
	unsigned char seeds[] = { 1, 2, 3, 4 };
	pthread_t threads[4];
	void *result;

	pthread_barrier_init(&all_are_there, NULL, 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(
			pthread_create(&threads[i], NULL, fill, &seeds[i]), 0);
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], &result);
		ck_assert_ptr_nonnull(result);
	}
}
END_TEST

static void assert_trouble(int error)
{
	uint32_t *list = NULL;
	size_t room = 0;

	for (size_t n = 0; n < 100; n++) {
		list = grow(list, &room, n, sizeof(*list));
		list[n] = 7;
	}
	ck_assert_uint_eq(list[99], 7);
	ck_assert_ptr_nonnull(store_trouble());
	ck_assert_ptr_nonnull(strstr(store_trouble(), strerror(error)));
	ck_assert(!store_has_spilled);
	store_free(list);
}

START_TEST(without_a_folder_more_memory_is_taken)
{
	setenv("TMPDIR", "/nowhere/at/all", 1);
	assert_trouble(ENOENT);
	ck_assert_ptr_nonnull(strstr(store_trouble(), "/nowhere/at/all"));
}
END_TEST

/* The kernel would end the process by SIGXFSZ. */
START_TEST(files_may_be_too_small)
{
	const struct rlimit most = { .rlim_cur = 4096, .rlim_max = 4096 };

	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &most), 0);
	assert_trouble(EFBIG);
}
END_TEST

Suite *suite_store(void)
{
	Suite *s = suite_create("store");
	TCase *in_memory = tcase_create("in memory");
	TCase *in_file = tcase_create("in a file");
	TCase *hindered = tcase_create("hindered");
	TCase *both[] = { in_memory, in_file };

	tcase_add_checked_fixture(in_file, no_memory, file_was_used);
	tcase_add_checked_fixture(hindered, no_memory, NULL);
	for (size_t i = 0; i < 2; i++) {
		TCase *tc = both[i];

		tcase_add_test(tc, arena_memory_is_zero_aligned_and_apart);
		tcase_add_test(tc, arena_texts_are_copies);
		tcase_add_test(tc, a_grown_array_keeps_old_and_zeroes_new);
		tcase_add_test(tc, what_came_last_is_kept_up_to_a_number);
		tcase_add_test(tc,
			       arrays_share_an_allowance_and_keep_some_without);
		tcase_add_test(tc, a_table_finds_what_was_stored_and_no_more);
		tcase_add_test(tc, a_pair_is_not_its_reverse_and_zero_is_a_key);
		tcase_add_test(tc, arrays_that_grow_in_turns_are_apart);
		tcase_add_test(tc, what_was_freed_is_zero_when_it_comes_again);
		tcase_add_test(tc, threads_get_blocks_of_their_own);
		suite_add_tcase(s, tc);
	}
	tcase_add_test(in_file, what_does_not_fit_comes_again);
	tcase_add_test(hindered, without_a_folder_more_memory_is_taken);
	tcase_add_test(hindered, files_may_be_too_small);
	suite_add_tcase(s, hindered);
	return s;
}

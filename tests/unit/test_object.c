/* SPDX-License-Identifier: MIT */
/*
 * Objects are found by the memory they lie in: a block, a mapping, a stack.
 */
#include <check.h>

#include "shim/object.h"
#include "suites.h"

#define BLOCK ((uintptr_t)0x7f1234500080) /* not where a place begins */

static void setup(void)
{
	ck_assert(object_begin());
}

static struct object *make(uintptr_t address, enum object_class class)
{
	return object_find(object_key((const void *)address, class));
}

static void count(struct object *object, void *n)
{
	(void)object;
	++*(int *)n;
}

static int number_in(uintptr_t from, uintptr_t end)
{
	int n = 0;

	object_each(from, end, count, &n);
	return n;
}

START_TEST(an_object_lies_in_its_own_bytes_only)
{
	make(BLOCK, OBJECT_MUTEX);
	ck_assert_int_eq(number_in(BLOCK, BLOCK + 1), 1);
	ck_assert_int_eq(number_in(BLOCK + 1, BLOCK + 4096), 0);
	ck_assert_int_eq(number_in(BLOCK - 4096, BLOCK), 0);
	ck_assert_int_eq(number_in(BLOCK - 4096, BLOCK + 4096), 1);
}
END_TEST

START_TEST(all_classes_of_a_place_are_found_once)
{
	make(BLOCK, OBJECT_MUTEX);
	make(BLOCK, OBJECT_CONDITION);
	make(BLOCK + 40, OBJECT_MUTEX);
	make(BLOCK + 40, OBJECT_MUTEX);
	ck_assert_int_eq(number_in(BLOCK, BLOCK + 41), 3);
	ck_assert_int_eq(number_in(BLOCK, BLOCK + 40), 2);
}
END_TEST

START_TEST(a_thread_handle_is_no_object_of_the_program)
{
	make(BLOCK, OBJECT_THREAD_HANDLE);
	ck_assert_int_eq(number_in(BLOCK, BLOCK + 4096), 0);
}
END_TEST

/* One object at every distance: the words of bits, and beyond them; of more
   than 64 MiB all lines are looked at. */
START_TEST(any_length_of_memory_can_be_asked_for)
{
	int n = 0;

	for (uintptr_t at = 1; at < (uintptr_t)256 << 20; at *= 2) {
		make(BLOCK + at, OBJECT_MUTEX);
		n++;
		ck_assert_int_eq(number_in(BLOCK, BLOCK + at), n - 1);
		ck_assert_int_eq(number_in(BLOCK, BLOCK + at + 1), n);
	}
	/* The line that was made last. */
	make(BLOCK + 1, OBJECT_CONDITION);
	ck_assert_int_eq(number_in(BLOCK, BLOCK + ((uintptr_t)1 << 30)), n + 1);
}
END_TEST

/* What is 4 GiB away has the same bit and is not it. */
START_TEST(the_same_bit_is_not_the_same_object)
{
	make(BLOCK, OBJECT_MUTEX);
	ck_assert(object_is_in((const void *)(BLOCK + (1ull << 32)), 1));
	ck_assert_int_eq(
		number_in(BLOCK + (1ull << 32), BLOCK + (1ull << 32) + 4096),
		0);
}
END_TEST

START_TEST(no_block_with_an_object_is_passed_over)
{
	for (uintptr_t offset = 0; offset < 600; offset += 8)
		for (size_t bytes = 8; bytes <= OBJECT_NEAR_BYTES;
		     bytes = bytes * 3 / 2) {
			uintptr_t block = BLOCK + offset + (bytes << 20);

			make(block + bytes - 8, OBJECT_MUTEX);
			ck_assert(object_is_near((const void *)block));
			ck_assert(object_is_in((const void *)block, bytes));
		}
	for (uintptr_t offset = 0; offset < 4096; offset += 8) {
		uintptr_t block = (BLOCK << 1) + offset + (offset << 20);

		make(block + OBJECT_NEAR_BYTES - 8, OBJECT_MUTEX);
		ck_assert(object_is_in((const void *)block, OBJECT_NEAR_BYTES));
	}
}
END_TEST

START_TEST(memory_without_objects_is_passed_over)
{
	make(BLOCK, OBJECT_MUTEX);
	ck_assert(!object_is_in((const void *)(BLOCK + 256), 256));
	ck_assert(!object_is_in((const void *)(BLOCK - 256), 128));
	ck_assert(!object_is_near((const void *)(BLOCK + 256)));
	ck_assert(!object_is_near(
		(const void *)(BLOCK - 256 - 64 * (1 << PLACE_SHIFT))));
}
END_TEST

START_TEST(the_lowest_live_object_is_found)
{
	struct object *first = make(BLOCK, OBJECT_MUTEX);
	struct object *second = make(BLOCK + 500, OBJECT_MUTEX);

	ck_assert_uint_eq(object_lowest(BLOCK, BLOCK + 4096), UINTPTR_MAX);
	atomic_store(&first->id, 1);
	atomic_store(&second->id, 2);
	ck_assert_uint_eq(object_lowest(BLOCK, BLOCK + 4096), BLOCK);
	object_end(first, 1);
	ck_assert_uint_eq(object_lowest(BLOCK, BLOCK + 4096), BLOCK + 500);
}
END_TEST

START_TEST(an_end_is_of_one_generation)
{
	struct object *o = make(BLOCK, OBJECT_MUTEX);

	atomic_store(&o->id, 7);
	object_end(o, 6); /* the one before, whose end somebody saw late */
	ck_assert_uint_eq(atomic_load(&o->id), 7);
	ck_assert_uint_eq(atomic_load(&o->generation), 0);
	object_end(o, 7);
	object_end(o, 7);
	ck_assert_uint_eq(atomic_load(&o->id), 0);
	ck_assert_uint_eq(atomic_load(&o->generation), 1);
}
END_TEST

Suite *suite_object(void)
{
	Suite *s = suite_create("object");
	TCase *tc = tcase_create("places");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, an_object_lies_in_its_own_bytes_only);
	tcase_add_test(tc, all_classes_of_a_place_are_found_once);
	tcase_add_test(tc, a_thread_handle_is_no_object_of_the_program);
	tcase_add_test(tc, any_length_of_memory_can_be_asked_for);
	tcase_add_test(tc, the_same_bit_is_not_the_same_object);
	tcase_add_test(tc, no_block_with_an_object_is_passed_over);
	tcase_add_test(tc, memory_without_objects_is_passed_over);
	tcase_add_test(tc, the_lowest_live_object_is_found);
	tcase_add_test(tc, an_end_is_of_one_generation);
	suite_add_tcase(s, tc);
	return s;
}

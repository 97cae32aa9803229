/* SPDX-License-Identifier: MIT */
/*
 * Objects are found by the memory they lie in: a block, a mapping, a stack.
 * Lines of those that ended are given to others.
 */
#include <check.h>
#include <pthread.h>
#include <sched.h>

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

/* What is 4 GiB away has the same byte and is not it. */
START_TEST(the_same_byte_is_not_the_same_object)
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

/* What is asked for begins in one place and ends in the next. */
START_TEST(memory_without_objects_is_passed_over)
{
	const uintptr_t place = BLOCK & ~((uintptr_t)2047);

	make(place + 2048, OBJECT_MUTEX);
	ck_assert(object_is_in((const void *)(place + 2047), 2));
	ck_assert(!object_is_in((const void *)(place + 2047), 1));
	ck_assert(!object_is_in((const void *)(place + 4096), 2048));
	ck_assert(object_is_near((const void *)(place - 6 * 2048)));
	ck_assert(!object_is_near((const void *)(place - 7 * 2048)));
	ck_assert(!object_is_near((const void *)(place + 4096)));
}
END_TEST

/* The bytes of the last places are looked at together with the first ones'. */
START_TEST(the_last_place_is_beside_the_first)
{
	const uintptr_t end = (BLOCK | UINT32_MAX) + 1;

	make(end, OBJECT_MUTEX);
	ck_assert(object_is_in((const void *)(end - 8), 9));
	ck_assert(!object_is_in((const void *)(end - 8), 8));
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

#define LIMIT	(1u << 20)
#define FAR	((uintptr_t)100 << 30)
#define SPOT(i) (FAR + (uintptr_t)(i)*48)
#define MOST	1024

static struct object *retired[MOST];

/* Lives of addresses that were never used before, each ended. */
static void live_and_end(unsigned from, unsigned n)
{
	for (unsigned i = from; i < from + n; i++) {
		struct object *o = make(SPOT(i), OBJECT_MUTEX);

		if (!o) /* each ck_assert() is a system call */
			ck_abort_msg("no line for address %u", i);
		atomic_store(&o->id, i + 1);
		atomic_fetch_add(&o->number, 2);
		object_end(o, i + 1);
	}
}

/* As if all threads were elsewhere. */
static unsigned take_back(void)
{
	size_t n = object_retire(retired, MOST);

	for (size_t i = 0; i < n; i++)
		object_reuse(retired[i]);
	return (unsigned)n;
}

START_TEST(lines_of_what_ended_serve_other_addresses)
{
	unsigned n = 0;

	for (unsigned i = 0; i < 2 * LIMIT; i += 256) {
		live_and_end(i, 256);
		if (object_is_due())
			n += take_back();
	}
	ck_assert_uint_ge(n, LIMIT);
}
END_TEST

/* The table is full then; and is not, when they have ended. */
START_TEST(lines_of_what_lives_stay)
{
	struct object *o;
	unsigned i = 0;

	while ((o = make(SPOT(i), OBJECT_MUTEX))) {
		atomic_store(&o->id, ++i);
		if (object_is_due())
			ck_assert_uint_eq(take_back(), 0);
	}
	ck_assert_uint_eq(i, LIMIT - 1);
	ck_assert_ptr_nonnull(make(SPOT(0), OBJECT_MUTEX));
	ck_assert_ptr_nonnull(make(SPOT(i - 1), OBJECT_MUTEX));
	for (unsigned k = 0; k < i; k++)
		object_end(make(SPOT(k), OBJECT_MUTEX), k + 1);
	ck_assert_uint_gt(take_back(), 0);
	ck_assert_ptr_nonnull(make(SPOT(i), OBJECT_MUTEX));
}
END_TEST

START_TEST(a_line_is_found_by_one_address_at_a_time)
{
	struct object *o = make(BLOCK, OBJECT_MUTEX), *other;

	atomic_store(&o->number, 41);
	atomic_store(&o->id, 7);
	object_end(o, 7);
	ck_assert_uint_eq(object_retire(retired, MOST), 1);
	ck_assert_ptr_eq(retired[0], o);
	ck_assert(!object_is_there(object_key((void *)BLOCK, OBJECT_MUTEX)));
	ck_assert_int_eq(number_in(BLOCK, BLOCK + 8), 0);
	ck_assert(!object_is_near((const void *)BLOCK));

	/* Not before it is said that nobody looks at it any more. */
	other = make(BLOCK + 64, OBJECT_MUTEX);
	ck_assert_ptr_ne(other, o);
	object_reuse(o);
	ck_assert_ptr_eq(make(BLOCK + 128, OBJECT_MUTEX), o);
	ck_assert_int_eq(number_in(BLOCK, BLOCK + 8), 0);
	ck_assert_int_eq(number_in(BLOCK + 128, BLOCK + 136), 1);
	/* Readers know by them which object an event is of. */
	ck_assert_uint_eq(atomic_load(&o->number), 41);
	ck_assert_uint_eq(object_id(o), 0);
}
END_TEST

START_TEST(an_address_that_comes_again_is_a_later_generation)
{
	struct object *o = make(BLOCK, OBJECT_MUTEX);
	uint32_t before;

	for (uint32_t id = 1; id < 5; id++) {
		atomic_store(&o->id, id);
		object_end(o, id);
	}
	before = atomic_load(&o->generation);
	ck_assert_uint_eq(take_back(), 1);
	make(BLOCK + 4096, OBJECT_MUTEX); /* has the line now */
	o = make(BLOCK, OBJECT_MUTEX);
	ck_assert_uint_gt(atomic_load(&o->generation), before);
}
END_TEST

START_TEST(lines_in_a_list_go_one_by_one)
{
	struct object *o[5];

	for (int i = 0; i < 5; i++) {
		o[i] = make(BLOCK + (uintptr_t)i * 4, OBJECT_SPINLOCK);
		atomic_store(&o[i]->id, i + 1);
	}
	for (int i = 1; i < 5; i += 2)
		object_end(o[i], (uint32_t)i + 1);
	ck_assert_uint_eq(take_back(), 2);
	ck_assert_int_eq(number_in(BLOCK, BLOCK + 64), 3);
	object_end(o[4], 5); /* the first of the list */
	object_end(o[0], 1); /* the last */
	ck_assert_uint_eq(take_back(), 2);
	ck_assert_int_eq(number_in(BLOCK, BLOCK + 64), 1);
	ck_assert_ptr_eq(make(BLOCK + 8, OBJECT_SPINLOCK), o[2]);
}
END_TEST

START_TEST(what_is_in_use_is_not_taken_out)
{
	struct object *waited_for = make(BLOCK, OBJECT_MUTEX);
	struct object *entered = make(BLOCK, OBJECT_MAP);
	struct object *handle = make(BLOCK, OBJECT_THREAD_HANDLE);
	struct object *destroyed = make(BLOCK + 64, OBJECT_MUTEX);

	atomic_store(&waited_for->waiting, 1);
	atomic_store(&entered->vword, 3 << 16 | 1);
	atomic_store(&handle->number, 5);
	/* Room is not short: it may be used by mistake. */
	atomic_store(&destroyed->id, 9);
	atomic_store(&destroyed->number, 3);
	atomic_store(&destroyed->destroyed, 3);
	ck_assert_uint_eq(object_retire(retired, MOST), 0);

	atomic_store(&waited_for->waiting, 0);
	atomic_store(&entered->vword, 3 << 16);
	ck_assert_uint_eq(object_retire(retired, MOST), 2);
}
END_TEST

START_TEST(a_thread_s_line_begins_at_nothing)
{
	struct object *o = make(BLOCK, OBJECT_MUTEX);

	atomic_store(&o->number, 41);
	ck_assert_uint_eq(take_back(), 1);
	ck_assert_ptr_eq(make(BLOCK, OBJECT_THREAD_HANDLE), o);
	ck_assert_uint_eq(atomic_load(&o->number), 0);
}
END_TEST

START_TEST(a_guard_is_seen)
{
	_Atomic uint32_t *one, *two;

	ck_assert_uint_eq(object_free_guards(), OBJECT_ALL_GUARDS);
	one = object_guard();
	two = object_guard();
	object_unguard(one);
	ck_assert_uint_ne(object_free_guards(), OBJECT_ALL_GUARDS);
	object_unguard(two);
	ck_assert_uint_eq(object_free_guards(), OBJECT_ALL_GUARDS);
}
END_TEST

/*
 * Two threads look for the same new address at once, again and again, beside
 * others in the same list: both get one line.
 */
#define AT_ONCE 60000
#define MET(i)	(SPOT((i) / 8 * 16) + (uintptr_t)((i) % 8) * 4)

static struct object *_Atomic met[2][AT_ONCE];
static _Atomic int n_met[2];

static void *meet(void *who)
{
	const uintptr_t me = (uintptr_t)who;

	for (int i = 0; i < AT_ONCE; i++) {
		atomic_store(&n_met[me], i);
		for (int k = 0; atomic_load(&n_met[!me]) < i; k++)
			if (k > 10000)
				sched_yield();
		/* Who was first knows it later. */
		for (volatile int k = me ? i % 128 : 64; k > 0; k--)
			;
		atomic_store(&met[me][i], make(MET(i), OBJECT_SPINLOCK));
	}
	atomic_store(&n_met[me], AT_ONCE);
	return NULL;
}

static void meet_all(void)
{
	pthread_t t[2];

	for (uintptr_t i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, meet, (void *)i);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
}

START_TEST(threads_that_meet_get_one_line)
{
	unsigned n = 0;

	meet_all();
	for (int i = 0; i < AT_ONCE; i++)
		n += atomic_load(&met[0][i]) == atomic_load(&met[1][i]) &&
		     number_in(MET(i), MET(i) + 1) == 1;
	ck_assert_uint_eq(n, AT_ONCE);
	/* Nor is one left over that cannot be given any more. */
	for (n = 0; object_retire(retired, MOST);)
		n++;
	ck_assert_uint_eq(n, (AT_ONCE + MOST - 1) / MOST);
}
END_TEST

static atomic_bool is_done;

static void *retire_on_and_on(void *unused)
{
	static struct object *lines[MOST];

	while (!atomic_load(&is_done))
		object_retire(lines, MOST);
	return unused;
}

/* The same while lines are taken out, of which each is found until then. */
START_TEST(no_thread_gets_a_line_of_another_address)
{
	unsigned n = 0;
	pthread_t t;

	pthread_create(&t, NULL, retire_on_and_on, NULL);
	meet_all();
	atomic_store(&is_done, true);
	pthread_join(t, NULL);
	for (int i = 0; i < AT_ONCE; i++)
		for (int k = 0; k < 2; k++)
			n += object_address(atomic_load(&met[k][i])->key) ==
				     MET(i) &&
			     number_in(MET(i), MET(i) + 1) <= 1;
	ck_assert_uint_eq(n, 2 * AT_ONCE);
}
END_TEST

START_TEST(what_is_taken_out_is_not_found)
{
	struct object *o = make(BLOCK, OBJECT_MUTEX);

	/* As it is for a moment before its list leaves it out. */
	atomic_store(&o->id, RETIRED);
	ck_assert(!object_is_there(object_key((void *)BLOCK, OBJECT_MUTEX)));
	ck_assert_ptr_ne(make(BLOCK, OBJECT_MUTEX), o);
	object_end(o, RETIRED);
	ck_assert_uint_eq(object_id(o), 0);
	ck_assert_uint_eq(atomic_load(&o->id), RETIRED);
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
	tcase_add_test(tc, the_same_byte_is_not_the_same_object);
	tcase_add_test(tc, no_block_with_an_object_is_passed_over);
	tcase_add_test(tc, memory_without_objects_is_passed_over);
	tcase_add_test(tc, the_lowest_live_object_is_found);
	tcase_add_test(tc, an_end_is_of_one_generation);
	tcase_add_test(tc, the_last_place_is_beside_the_first);
	suite_add_tcase(s, tc);

	tc = tcase_create("lines");
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, lines_of_what_ended_serve_other_addresses);
	tcase_add_test(tc, lines_of_what_lives_stay);
	tcase_add_test(tc, a_line_is_found_by_one_address_at_a_time);
	tcase_add_test(tc, an_address_that_comes_again_is_a_later_generation);
	tcase_add_test(tc, lines_in_a_list_go_one_by_one);
	tcase_add_test(tc, what_is_in_use_is_not_taken_out);
	tcase_add_test(tc, a_thread_s_line_begins_at_nothing);
	tcase_add_test(tc, a_guard_is_seen);
	tcase_add_test(tc, what_is_taken_out_is_not_found);
	tcase_add_test(tc, threads_that_meet_get_one_line);
	tcase_add_test(tc, no_thread_gets_a_line_of_another_address);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/*
 * Definitions: calls, stacks, modules, names, threads.
 */
#include <errno.h>

#include "suites.h"
#include "trace_story.h"

static void assert_whole(const struct story *s)
{
	ck_assert_msg(!s->info->damaged, "damaged: %s at %llu",
		      s->info->damage ? s->info->damage : "",
		      (unsigned long long)s->info->damage_at);
	ck_assert(!s->info->truncated);
	ck_assert_uint_eq(s->info->n_gaps, 0);
}

START_TEST(the_natural_call_is_the_lowest_of_op_and_class)
{
	struct writer *w = stage_new();
	struct written *defs = writer_chunk(w, CMSHIM_CHUNK_DEFS, 1, 1, 1);
	struct written *c = stage_log(w, 1, 0);
	struct story s;
	static const struct {
		int op;
		size_t nth;
		const char *name;
	} expected[] = {
		{ CMSHIM_OP_REQUEST, 0, "lock" },
		{ CMSHIM_OP_ACQUIRE, 0, "lock" },
		{ CMSHIM_OP_RELEASE, 0, "unlock" },
		{ CMSHIM_OP_ACQUIRE, 1, "trylock" },
		{ CMSHIM_OP_ACQUIRE, 2, "wrlock" },
		{ CMSHIM_OP_REQUEST_SHARED, 0, "rdlock" },
		{ CMSHIM_OP_REQUEST_FAILED, 0, "rdlock" },
		{ CMSHIM_OP_CREATE, 0, "create" },
		{ CMSHIM_OP_TAKE, 0, "" }, /* there is none */
	};

	define_call(defs, 12, CMSHIM_OP_ACQUIRE, CMSHIM_MUTEX, "trylock");
	define_call(defs, 11, CMSHIM_OP_ACQUIRE, CMSHIM_MUTEX, "lock");
	define_call(defs, 5, CMSHIM_OP_ACQUIRE, CMSHIM_RWLOCK, "wrlock");
	define_call(defs, 6, CMSHIM_OP_ACQUIRE_SHARED, CMSHIM_RWLOCK, "rdlock");
	define_call(defs, 30, CMSHIM_OP_RELEASE, CMSHIM_MUTEX, "unlock");
	define_call(defs, 31, CMSHIM_OP_CREATE, 0, "create");
	PUT(c, REQUEST, OBJECT(1), STACK(0), TIME(1));
	PUT(c, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(c, RELEASE, NONE);
	PUT(c, ACQUIRE, OBJECT(1), STACK(0), CALL(12));
	PUT(c, ACQUIRE, OBJECT(3), STACK(0), SEQ(1));
	PUT(c, REQUEST_SHARED, OBJECT(3), STACK(0), TIME(1));
	PUT(c, REQUEST_FAILED, OBJECT(3), TIME(1), CODE(EDEADLK));
	PUT(c, CREATE, STACK(0), ARG(2));
	PUT(c, TAKE, OBJECT(5), STACK(0), SEQ(1));

	s = story_of(w);
	assert_whole(&s);
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		uint32_t call =
			story_find(&s, expected[i].op, expected[i].nth)->call;

		ck_assert_str_eq(s.info->calls[call].name, expected[i].name);
	}
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(equal_stacks_of_all_streams_are_one)
{
	static const uint64_t frames[] = { 0x5010, 0x4ff0, 0x9000 };
	static const uint64_t other[] = { 0x5020 };
	struct writer *w = stage_new();
	struct written *one = writer_chunk(w, CMSHIM_CHUNK_DEFS, 1, 1, 1);
	struct written *two = writer_chunk(w, CMSHIM_CHUNK_DEFS, 2, 0, 2);
	struct written *c = stage_log(w, 1, 0), *d = stage_log(w, 2, 0);
	const struct stack_info *stack;
	struct story s;

	/* The second is the first one's two outermost under a frame. */
	define_stack(one, 1, 0, 0, frames, 3);
	define_stack(one, 2, 0, 2, other, 1);
	define_stack(two, 1, 4, 0, other, 1);
	define_stack(two, 7, 4, 0, frames, 3);
	PUT(c, MAP_NEW, OBJECT(6), STACK(1));
	PUT(c, MAP_NEW, OBJECT(6), STACK(2));
	PUT(d, MAP_NEW, OBJECT(6), STACK(7));

	s = story_of(w);
	assert_whole(&s);
	ck_assert_uint_eq(s.info->n_stacks, 4);
	ck_assert_uint_eq(s.events[0].stack, s.events[3].stack);
	stack = &s.info->stacks[s.events[1].stack];
	ck_assert_uint_eq(stack->n_frames, 3);
	ck_assert_uint_eq(stack->frames[0], 0x5020);
	ck_assert_uint_eq(stack->frames[1], 0x4ff0);
	ck_assert_uint_eq(stack->frames[2], 0x9000);
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(an_address_of_two_modules_keeps_stacks_apart)
{
	static const uint64_t reused[] = { 0x5010 }, kept[] = { 0x9010 };
	struct writer *w = stage_new();
	struct written *defs = writer_chunk(w, CMSHIM_CHUNK_DEFS, 1, 1, 1);
	struct written *c = stage_log(w, 1, 0);
	struct story s;

	define_module(defs, 0, 0x9000, 0xa000, "/lib/stays.so");
	define_module(defs, 1, 0x5000, 0x6000, "/lib/first.so");
	def_begin(defs, CMSHIM_DEF_MODULE_GONE);
	def_number(defs, 2);
	def_number(defs, 0x5000);
	def_end(defs);
	define_module(defs, 3, 0x5000, 0x6000, "/lib/second.so");
	define_stack(defs, 1, 1, 0, reused, 1);
	define_stack(defs, 2, 3, 0, reused, 1);
	define_stack(defs, 3, 1, 0, kept, 1);
	define_stack(defs, 4, 3, 0, kept, 1);
	for (uint64_t i = 1; i <= 4; i++)
		PUT(c, MAP_NEW, OBJECT(6), STACK(i));

	s = story_of(w);
	assert_whole(&s);
	ck_assert_uint_ne(s.events[0].stack, s.events[1].stack);
	ck_assert_uint_eq(s.info->stacks[s.events[0].stack].epoch, 1);
	ck_assert_uint_eq(s.info->stacks[s.events[1].stack].epoch, 3);
	ck_assert_uint_eq(s.events[2].stack, s.events[3].stack);
	ck_assert_uint_eq(s.info->n_modules, 4);
	ck_assert_str_eq(s.info->modules[1].path, "/lib/first.so");
	ck_assert_uint_eq(s.info->modules[1].since, 1);
	ck_assert_uint_eq(s.info->modules[1].gone, 2);
	ck_assert_uint_eq(s.info->modules[2].gone, UINT32_MAX);
	ck_assert_uint_eq(s.info->modules[2].n_build_id, 2);
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(names_and_threads_are_told)
{
	struct writer *w = stage_new();
	struct written *defs = writer_chunk(w, CMSHIM_CHUNK_DEFS, 1, 1, 1);
	struct written *c = stage_log(w, 1, 0);
	struct story s;

	for (int i = 0; i < 2; i++) { /* the later counts */
		def_begin(defs, CMSHIM_DEF_THREAD_NAME);
		def_number(defs, 2);
		def_text(defs, i ? "worker" : "main");
		def_end(defs);
	}
	def_begin(defs, CMSHIM_DEF_NAME);
	def_number(defs, 1);
	def_text(defs, "the lock");
	def_end(defs);
	PUT(c, EXIT, TIME(0));

	s = story_of(w);
	assert_whole(&s);
	ck_assert_uint_eq(s.info->n_threads, 5);
	ck_assert_str_eq(s.info->threads[2].name, "worker");
	ck_assert_uint_eq(s.info->threads[2].number, 2);
	ck_assert_uint_eq(s.info->threads[2].kernel_id, 102);
	ck_assert_uint_eq(s.info->threads[2].parent, 1);
	ck_assert_str_eq(s.info->objects[1].name, "the lock");
	ck_assert_uint_eq(s.info->objects[1].address, 0x1000 + 64);
	ck_assert_uint_eq(s.info->objects[1].class, CMSHIM_MUTEX);
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(an_object_of_a_class_nobody_knows_is_of_none)
{
	static const uint64_t classes[] = { CMSHIM_N_CLASSES, 32 + CMSHIM_MUTEX,
					    (1ull << 32) + CMSHIM_MUTEX,
					    UINT64_MAX };
	struct writer *w = stage_new();
	struct written *defs = writer_chunk(w, CMSHIM_CHUNK_DEFS, 1, 1, 1);
	struct written *c = stage_log(w, 1, 0);
	struct story s;

	for (size_t i = 0; i < 4; i++) {
		define_object(defs, 10 + i, classes[i], 1);
		PUT(c, ACQUIRE, OBJECT(10 + i), STACK(0), SEQ(1));
	}
	s = story_of(w);
	assert_whole(&s);
	for (size_t i = 0; i < 4; i++) {
		uint32_t object = story_find(&s, CMSHIM_OP_ACQUIRE, i)->object;

		ck_assert_uint_ne(object, 0);
		ck_assert_uint_eq(s.info->objects[object].class, CMSHIM_NONE);
	}
	story_close(&s);
	writer_free(w);
}
END_TEST

Suite *suite_trace_defs(void)
{
	Suite *s = suite_create("trace_defs");
	TCase *tc;

	tc = tcase_create("all");
	tcase_add_test(tc, the_natural_call_is_the_lowest_of_op_and_class);
	tcase_add_test(tc, equal_stacks_of_all_streams_are_one);
	tcase_add_test(tc, an_address_of_two_modules_keeps_stacks_apart);
	tcase_add_test(tc, names_and_threads_are_told);
	tcase_add_test(tc, an_object_of_a_class_nobody_knows_is_of_none);
	suite_add_tcase(s, tc);
	return s;
}

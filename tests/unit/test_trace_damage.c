/* SPDX-License-Identifier: MIT */
/*
 * Traces that are broken, still being written, or no traces: what is whole
 * comes out, what is broken is told.  Any damage at all: test_trace_hostile.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suites.h"
#include "trace_story.h"

static void assert_damaged(struct writer *w, const char *damage,
			   const char *text)
{
	struct story s = story_of(w);

	ck_assert(s.info->damaged);
	ck_assert_str_eq(s.info->damage, damage);
	ck_assert_str_eq(s.text, text);
	story_close(&s);
	writer_free(w);
}

static void assert_refused(const void *bytes, size_t size, const char *expected)
{
	struct trace *trace = NULL;
	const char *why = NULL;

	ck_assert_int_eq(trace_open_memory(&trace, bytes, size, &why), -EINVAL);
	ck_assert_str_eq(why, expected);
}

START_TEST(what_is_no_trace_is_refused_with_the_reason)
{
	struct writer *w = stage_new();
	struct cmshim_header *h = &w->header;
	const uint8_t *bytes;
	size_t size;

	assert_refused("", 0, "it is empty");
	assert_refused("\177ELF", 4, "it is not a cmshim trace");
	bytes = writer_bytes(w, &size);
	assert_refused(bytes, 8, "it ends inside its header");
	assert_refused(bytes, sizeof(*h) - 1, "it ends inside its header");
	assert_refused(bytes, CMSHIM_CHUNK_ALIGN,
		       "it holds nothing but a header");

	h->version = CMSHIM_TRACE_VERSION + 1;
	bytes = writer_bytes(w, &size);
	assert_refused(bytes, size,
		       "its format is of another version than this program's");
	h->version = CMSHIM_TRACE_OLDEST;
	h->byte_order = 0x04030201;
	bytes = writer_bytes(w, &size);
	assert_refused(bytes, size,
		       "it was recorded on a machine of the other byte order");
	h->byte_order = CMSHIM_BYTE_ORDER;
	h->word_bytes = 3;
	bytes = writer_bytes(w, &size);
	assert_refused(bytes, size,
		       "its header is damaged: no known word size");
	h->word_bytes = 8;
	w->chunks[0]->head.magic = 7;
	bytes = writer_bytes(w, &size);
	assert_refused(bytes, size, "no chunk of it can be read");
	writer_free(w);
}
END_TEST

START_TEST(files_that_cannot_be_read_are_refused)
{
	char path[] = "/tmp/test_trace_XXXXXX";
	int fd = mkstemp(path);
	struct writer *w = stage_new();
	const char *why = NULL;
	const uint8_t *bytes;
	struct trace *trace;
	size_t size;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(trace_open(&trace, "/tmp", &why), -EISDIR);
	ck_assert_str_eq(why, "it is a directory");
	ck_assert_int_eq(trace_open(&trace, "/nowhere/x", &why), -ENOENT);
	ck_assert_str_eq(why, "there is no such file");
	ck_assert_int_eq(trace_open(&trace, "/dev/null", &why), -EINVAL);
	ck_assert_str_eq(why, "it is not a regular file");
	ck_assert_int_eq(trace_open(&trace, path, &why), -EINVAL);
	ck_assert_str_eq(why, "it is empty");

	bytes = writer_bytes(w, &size);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	ck_assert_int_eq(trace_open(&trace, path, &why), 0);
	ck_assert_uint_eq(trace_info(trace)->n_objects, 7);
	ck_assert_uint_eq(trace_info(trace)->header->pid, 4711);
	trace_close(trace);
	close(fd);
	unlink(path);
	writer_free(w);
}
END_TEST

START_TEST(reserved_chunks_and_a_tail_of_zeros_are_no_damage)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *hole, *b;
	const uint8_t *bytes;
	uint8_t *longer;
	struct story s;
	size_t size;

	a->spare = 10000;
	hole = stage_log(w, 2, 0); /* begun, all but its magic */
	hole->head.magic = 0;
	hole->aligned = true;
	hole->spare = 9000;
	b = stage_log(w, 3, 0);
	b->aligned = true;
	PUT(a, EXIT, TIME(1));
	PUT(b, EXIT, TIME(1));

	bytes = writer_bytes(w, &size);
	longer = calloc(1, size + 300000);
	ck_assert_ptr_nonnull(longer);
	memcpy(longer, bytes, size);
	s = story_of_bytes(longer, size + 300000);
	ck_assert(!s.info->damaged);
	ck_assert(!s.info->truncated);
	ck_assert_str_eq(s.text, "1 EXIT\n1 end\n3 EXIT\n3 end\n");
	story_close(&s);
	free(longer);
	writer_free(w);
}
END_TEST

START_TEST(behind_a_broken_chunk_the_next_one_is_found)
{
	static const uint64_t wrong[] = { 63, 100, 1, 1u << 30 };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct writer *w = stage_new();
		struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);
		struct story s;

		PUT(a, EXIT, TIME(1));
		a->head.bytes = wrong[i];
		b->aligned = true;
		PUT(b, EXIT, TIME(1));
		s = story_of(w);
		ck_assert(s.info->damaged);
		ck_assert(!s.info->truncated);
		ck_assert_ptr_nonnull(strstr(s.text, "2 EXIT\n2 end\n"));
		/* It lies behind the header's page and the definitions. */
		ck_assert_uint_gt(s.info->damage_at, CMSHIM_CHUNK_ALIGN);
		ck_assert_uint_eq(s.info->damage_at % 64, 0);
		story_close(&s);
		writer_free(w);
	}
}
END_TEST

START_TEST(of_two_chunks_with_one_index_the_first_counts)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 1, 0);

	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(b, EXIT, TIME(1));
	assert_damaged(w, "chunk 0 of stream 1 twice",
		       "1 ACQUIRE o1 #1\n1 end\n");
}
END_TEST

START_TEST(what_is_used_has_to_be_defined)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0);

	PUT(a, ACQUIRE, OBJECT(88), STACK(0), SEQ(1));
	PUT(a, EXIT, TIME(1));
	assert_damaged(w, "object 88 is used but not defined",
		       "1 EXIT\n1 end\n");

	w = stage_new();
	a = stage_log(w, 1, 0);
	PUT(a, ACQUIRE, OBJECT(1), STACK(17), SEQ(1));
	assert_damaged(w, "stack 17 is used but not defined",
		       "1 ACQUIRE o1 #1\n1 end\n");

	w = stage_new();
	a = stage_log(w, 1, 0);
	PUT(a, ACQUIRE, OBJECT(1), CALL(3), SEQ(1));
	assert_damaged(w, "call 3 is used but not defined",
		       "1 ACQUIRE o1 #1\n1 end\n");
}
END_TEST

START_TEST(broken_definitions_are_told_and_the_others_read)
{
	struct writer *w = stage_new();
	struct written *defs = writer_chunk(w, CMSHIM_CHUNK_DEFS, 1, 1, 1);
	struct written *a = stage_log(w, 1, 0);

	def_begin(defs, CMSHIM_DEF_CALL);
	def_number(defs, 1);
	def_number(defs, CMSHIM_OP_ACQUIRE);
	def_number(defs, CMSHIM_MUTEX);
	def_number(defs, 0);
	def_number(defs, 50); /* length of a name that is not there */
	def_end(defs);
	define_object(defs, 50, CMSHIM_MUTEX, 1);
	PUT(a, ACQUIRE, OBJECT(50), STACK(0), SEQ(1));
	assert_damaged(w, "a definition with an impossible payload",
		       "1 ACQUIRE o7 #1\n1 end\n");

	w = stage_new();
	defs = writer_chunk(w, CMSHIM_CHUNK_DEFS, 1, 1, 1);
	written_byte(defs, CMSHIM_DEF_OBJECT);
	written_varint(defs, 5000);
	assert_damaged(w, "a definition that does not end", "");
}
END_TEST

START_TEST(numbers_that_contradict_are_told)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b;

	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(a, RELEASE, NONE);
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(2));
	assert_damaged(w, "number 2 of an object is there twice",
		       "1 ACQUIRE o1 #1\n1 RELEASE o1 #2\n"
		       "gap o1\n1 ACQUIRE o1 #2\n1 end\n");

	w = stage_new();
	a = stage_log(w, 1, 0);
	b = stage_log(w, 2, 0);
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(2));
	PUT(b, ACQUIRE, OBJECT(2), STACK(0), SEQ(1));
	PUT(a, ACQUIRE, OBJECT(2), STACK(0), SEQ(2));
	PUT(a, RELEASE, OBJECT(1)); /* not after the other's 2 */
	assert_damaged(w,
		       "an event has no number, but does not follow on its own",
		       "1 ACQUIRE o1 #1\n2 ACQUIRE o1 #2\n2 ACQUIRE o2 #1\n"
		       "2 end\n1 ACQUIRE o2 #2\n"
		       "gap o1\n1 RELEASE o1 #3\n1 end\n");

	w = stage_new();
	a = stage_log(w, 1, 0);
	PUT(a, MAP_READ, OBJECT(6));
	assert_damaged(w,
		       "a read has no number, but follows on none of its own",
		       "1 MAP_READ o6\n1 end\n");

	/* Not by a chunk before, which a reader may not have. */
	w = stage_new();
	a = stage_log(w, 1, 0);
	b = stage_log(w, 2, 0);
	PUT(a, MAP_WRITE, OBJECT(6), SEQ(1));
	PUT(b, MAP_WRITE, OBJECT(6), SEQ(2));
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(2));
	PUT(stage_log(w, 1, 1), MAP_READ, OBJECT(6));
	assert_damaged(w,
		       "a read has no number, but follows on none of its own",
		       "1 MAP_WRITE o6 #1\n2 MAP_WRITE o6 #2\n"
		       "2 ACQUIRE o1 #1\n2 end\n1 ACQUIRE o1 #2\n"
		       "1 MAP_READ o6 #2\n1 end\n");

	w = stage_new();
	a = stage_log(w, 1, 0);
	PUT(a, RELEASE, NONE);
	assert_damaged(w, "a release of nothing", "1 end\n");
}
END_TEST

START_TEST(behind_an_unreadable_event_the_next_chunk_goes_on)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 1, 1);

	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	written_byte(a, 59); /* not of this version, and no mask */
	PUT(b, HELD, OBJECT(2), ARG(0));
	PUT(b, RELEASE, SEQ(1));
	assert_damaged(w, "no event where one is due",
		       "1 ACQUIRE o1 #1\n1 HELD o2\n1 RELEASE o2 #1\n1 end\n");
}
END_TEST

START_TEST(a_chunk_that_the_file_ends_in_is_truncated)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0);
	struct story s;
	size_t size;

	PUT(a, EXIT, TIME(1));
	a->spare = 4000;
	writer_bytes(w, &size);
	s = story_of_bytes(w->bytes, size - 1000);
	ck_assert(s.info->truncated);
	ck_assert(!s.info->damaged);
	ck_assert_str_eq(s.text, "1 EXIT\n1 end\n");
	story_close(&s);
	writer_free(w);
}
END_TEST

Suite *suite_trace_damage(void)
{
	Suite *s = suite_create("trace_damage");
	TCase *tc = tcase_create("told");

	tcase_add_test(tc, what_is_no_trace_is_refused_with_the_reason);
	tcase_add_test(tc, files_that_cannot_be_read_are_refused);
	tcase_add_test(tc, reserved_chunks_and_a_tail_of_zeros_are_no_damage);
	tcase_add_test(tc, behind_a_broken_chunk_the_next_one_is_found);
	tcase_add_test(tc, of_two_chunks_with_one_index_the_first_counts);
	tcase_add_test(tc, what_is_used_has_to_be_defined);
	tcase_add_test(tc, broken_definitions_are_told_and_the_others_read);
	tcase_add_test(tc, numbers_that_contradict_are_told);
	tcase_add_test(tc, behind_an_unreadable_event_the_next_chunk_goes_on);
	tcase_add_test(tc, a_chunk_that_the_file_ends_in_is_truncated);
	suite_add_tcase(s, tc);
	return s;
}

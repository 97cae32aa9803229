/* SPDX-License-Identifier: MIT */
/*
 * Traces that are cut, broken, hostile, still being written, or no traces:
 * what is whole comes out, what is broken is told, nothing else happens.
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

	h->version = 2;
	bytes = writer_bytes(w, &size);
	assert_refused(bytes, size,
		       "its format is of another version than this program's");
	h->version = 1;
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

START_TEST(what_the_recorder_adds_after_the_opening_is_no_damage)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0);
	const char *why = NULL;
	const uint8_t *bytes;
	struct trace *trace;
	struct event ev;
	uint8_t *live;
	size_t size;

	w->chunks[0]->spare = 640;
	w->header.state = CMSHIM_RECORDING;
	PUT(a, ACQUIRE, OBJECT(88), STACK(0), SEQ(1));
	bytes = writer_bytes(w, &size);
	live = malloc(size);
	ck_assert_ptr_nonnull(live);
	memcpy(live, bytes, size);
	ck_assert_int_eq(trace_open_memory(&trace, live, size, &why), 0);
	/* Object 88 is defined behind the definitions that were read. */
	live[CMSHIM_CHUNK_ALIGN + written_at(w->chunks[0])] = CMSHIM_DEF_OBJECT;
	while (trace_next(trace, &ev) > 0)
		ck_assert_int_eq(ev.op, EVENT_THREAD_END);
	ck_assert(!trace_info(trace)->damaged);
	trace_close(trace);
	free(live);
	writer_free(w);
}
END_TEST

START_TEST(a_live_trace_ends_where_others_have_not_been_read)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);
	const char *why = NULL;
	const uint8_t *bytes;
	struct trace *trace;
	struct event ev;
	uint8_t *live;
	size_t size, at, n = 0;

	a->spare = 640;
	w->header.state = CMSHIM_RECORDING;
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(7));
	PUT(b, RELEASE, NONE);
	bytes = writer_bytes(w, &size);
	live = malloc(size);
	ck_assert_ptr_nonnull(live);
	memcpy(live, bytes, size);
	ck_assert_int_eq(trace_open_memory(&trace, live, size, &why), 0);
	/* Thread 1 goes on: a release, behind what is there. */
	at = CMSHIM_CHUNK_ALIGN + (written_at(w->chunks[0]) + 63) / 64 * 64 +
	     written_at(a);
	ck_assert_uint_eq(live[at - 1], 1); /* SEQ of the acquire */
	live[at] = CMSHIM_OP_RELEASE;
	while (trace_next(trace, &ev) > 0) {
		ck_assert(ev.op == EVENT_THREAD_END || ev.seq == 1);
		n++;
	}
	ck_assert_uint_eq(n, 3); /* the acquire, and two ends */
	ck_assert(!trace_info(trace)->damaged);
	ck_assert_uint_eq(trace_info(trace)->n_gaps, 0);
	trace_close(trace);
	free(live);
	writer_free(w);
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
		       "a read has no number, but follows on no write of its "
		       "own",
		       "1 MAP_READ o6\n1 end\n");

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

/* Two threads, a handler, a map, a second chunk: 1.5 KiB of chunks. */
static struct writer *sample(void)
{
	static const uint64_t frames[] = { 0x5010, 0x4ff0, 0x9000 };
	struct writer *w = stage_new();
	struct written *defs = writer_chunk(w, CMSHIM_CHUNK_DEFS, 2, 0, 2);
	struct written *a = stage_log(w, 1, 0), *b, *n;

	define_stack(defs, 1, 0, 0, frames, 3);
	define_stack(defs, 2, 0, 2, frames, 1);
	define_call(w->chunks[0], 1, CMSHIM_OP_ACQUIRE, CMSHIM_MUTEX, "lock");
	PUT(a, START, TIME(5));
	PUT(a, CREATE, STACK(0), ARG(2));
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(a, MAP_WRITE, OBJECT(6), SEQ(1), KEY(7));
	n = writer_chunk(w, CMSHIM_CHUNK_EVENTS, 9, 0, 1);
	n->head.flags = CMSHIM_CHUNK_NESTED;
	PUT(n, NESTED, ARG(0), KEY(1), END(written_at(a)));
	PUT(n, POST, OBJECT(5), STACK(0), SEQ(1));
	PUT(a, RELEASE, NONE);
	a = stage_log(w, 1, 1);
	PUT(a, MAP_READ, OBJECT(6), SEQ(1), KEY(7), DURATION(30));
	PUT(a, JOIN, STACK(0), ARG(2));
	b = stage_log(w, 2, 0);
	PUT(b, START, TIME(7), ARG(1));
	PUT(b, REQUEST, OBJECT(1), STACK(1), TIME(10));
	PUT(b, ACQUIRE, OBJECT(1), SEQ(3), TIME(10));
	PUT(b, MAP_READ, OBJECT(6), SEQ(1), KEY(8));
	PUT(b, RELEASE, NONE);
	PUT(b, TAKE, OBJECT(5), STACK(2), SEQ(2));
	PUT(b, EXIT, TIME(3));
	return w;
}

/* The handler's event has a log of its own. */
static size_t log_of(const struct event *ev)
{
	return ev->op == CMSHIM_OP_POST ? 0 : ev->thread;
}

/* Each log's events in `part` are those that it begins with in `all`. */
static void assert_prefixes(const struct story *all, const struct story *part)
{
	size_t next[8] = { 0 };

	for (size_t i = 0; i < part->n; i++) {
		const struct event *ev = &part->events[i];
		size_t *at = &next[log_of(ev)];

		if (ev->op >= EVENT_GAP)
			continue;
		while (*at < all->n &&
		       (log_of(&all->events[*at]) != log_of(ev) ||
			all->events[*at].op >= EVENT_GAP))
			(*at)++;
		ck_assert_uint_lt(*at, all->n);
		ck_assert_uint_eq(all->events[*at].op, ev->op);
		ck_assert_uint_eq(all->events[*at].object, ev->object);
		ck_assert_uint_eq(all->events[*at].seq, ev->seq);
		(*at)++;
	}
}

START_TEST(a_trace_cut_at_any_byte_begins_like_the_whole)
{
	struct writer *w = sample();
	struct story all = story_of(w);
	size_t size = w->size, n_events = 0;

	ck_assert(!all.info->damaged && !all.info->truncated);
	ck_assert_uint_eq(all.info->n_events, 15);
	for (size_t cut = 0; cut < size; cut++) {
		/* Of just that size, so that a look behind it shows. */
		uint8_t *bytes = malloc(cut + 1);
		struct trace *trace = NULL;
		const char *why = NULL;
		struct story part;

		ck_assert_ptr_nonnull(bytes);
		memcpy(bytes, w->bytes, cut);
		if (cut < CMSHIM_CHUNK_ALIGN + sizeof(struct cmshim_chunk)) {
			ck_assert_int_eq(
				trace_open_memory(&trace, bytes, cut, &why),
				-EINVAL);
			ck_assert_ptr_nonnull(why);
			free(bytes);
			continue;
		}
		part = story_of_bytes(bytes, cut);
		ck_assert_msg(!part.info->damaged, "cut at %zu: %s", cut,
			      part.info->damage);
		assert_prefixes(&all, &part);
		ck_assert_uint_ge(part.info->n_events, n_events);
		n_events = part.info->n_events;
		story_close(&part);
		free(bytes);
	}
	ck_assert_uint_eq(n_events, 15);
	story_close(&all);
	writer_free(w);
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

START_TEST(no_flipped_bit_does_harm)
{
	struct writer *w = sample();
	struct story all = story_of(w);
	size_t size = w->size, most = all.n;

	for (size_t bit = 0; bit < size * 8; bit++) {
		struct trace *trace = NULL;
		const char *why = NULL;
		struct event ev;
		size_t n = 0;

		/* The page of the header is zeros for the most part. */
		if (bit / 8 == 200)
			bit = CMSHIM_CHUNK_ALIGN * 8;
		w->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (trace_open_memory(&trace, w->bytes, size, &why) == 0) {
			while (trace_next(trace, &ev) > 0)
				n++;
			trace_close(trace);
		} else {
			ck_assert_ptr_nonnull(why);
		}
		/* Each event may get a gap of its own, and a bit may make
		   two events of one. */
		ck_assert_uint_le(n, 2 * most + 8);
		w->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	story_close(&all);
	writer_free(w);
}
END_TEST

START_TEST(small_definitions_cannot_ask_for_much_memory)
{
	struct writer *w = stage_new();
	struct written *defs = writer_chunk(w, CMSHIM_CHUNK_DEFS, 1, 1, 1);
	uint64_t *frames = calloc(10000, sizeof(*frames)), sum = 0;
	struct story s;

	ck_assert_ptr_nonnull(frames);
	define_stack(defs, 1, 0, 0, frames, 10000);
	for (uint64_t i = 2; i < 100000; i++) {
		frames[0] = i;
		define_stack(defs, i, 0, 9999, frames, 1);
	}
	define_object(defs, UINT64_MAX, CMSHIM_MUTEX, 1);
	define_object(defs, UINT64_MAX / 2, CMSHIM_MUTEX, 1);
	s = story_of(w);
	for (size_t i = 0; i < s.info->n_stacks; i++)
		sum += s.info->stacks[i].n_frames;
	ck_assert_uint_le(sum, 4 * w->size + (1 << 20));
	ck_assert_uint_eq(s.info->n_objects, 9);
	story_close(&s);
	free(frames);
	writer_free(w);
}
END_TEST

/* Every event of every thread waits for something else that never comes; by
   Check's timeout this is also a test of how long it may take. */
START_TEST(thousands_of_threads_that_all_wait_do_not_take_long)
{
	struct writer *w = stage_new();
	struct story s;
	uint32_t n = 5000;

	for (uint32_t t = 1; t <= n; t++) {
		struct written *c = stage_log(w, t, 0);

		c->head.flags = t % 5 ? 0 : CMSHIM_CHUNK_NESTED;
		PUT(c, START, TIME(1), ARG(t % n + 1));
		for (uint64_t i = 1; i <= 20; i++) {
			PUT(c, ACQUIRE, OBJECT(1 + t % 3), STACK(0),
			    SEQ(i * 1000000 + t));
			PUT(c, JOIN, STACK(0), ARG((t + i) % n + 1));
			PUT(c, NESTED, ARG(0), KEY((t + 7) % n + 1), END(90));
			PUT(c, MAP_READ, OBJECT(6), SEQ(t * i));
		}
	}
	s = story_of(w);
	ck_assert_uint_eq(s.info->n_events, n * 61);
	story_close(&s);
	writer_free(w);
}
END_TEST

/* Two threads that wait for each other's end again and again, beside many
   that are looked at each time: by Check's timeout. */
START_TEST(endless_disputes_do_not_take_long)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);
	struct story s;

	for (int i = 0; i < 100000; i++) {
		PUT(a, JOIN, STACK(0), ARG(2));
		PUT(b, JOIN, STACK(0), ARG(1));
	}
	for (uint32_t t = 3; t < 30000; t++)
		stage_log(w, t, 0);
	s = story_of(w);
	ck_assert_uint_eq(s.info->n_events, 200000);
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
	tcase_add_test(tc,
		       what_the_recorder_adds_after_the_opening_is_no_damage);
	tcase_add_test(tc, a_live_trace_ends_where_others_have_not_been_read);
	tcase_add_test(tc, broken_definitions_are_told_and_the_others_read);
	tcase_add_test(tc, numbers_that_contradict_are_told);
	tcase_add_test(tc, behind_an_unreadable_event_the_next_chunk_goes_on);
	tcase_add_test(tc, a_chunk_that_the_file_ends_in_is_truncated);
	suite_add_tcase(s, tc);

	tc = tcase_create("survived");
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, a_trace_cut_at_any_byte_begins_like_the_whole);
	tcase_add_test(tc, no_flipped_bit_does_harm);
	tcase_add_test(tc, small_definitions_cannot_ask_for_much_memory);
	tcase_add_test(tc, thousands_of_threads_that_all_wait_do_not_take_long);
	suite_add_tcase(s, tc);

	tc = tcase_create("in time");
	tcase_set_timeout(tc, 10);
	tcase_add_test(tc, thousands_of_threads_that_all_wait_do_not_take_long);
	tcase_add_test(tc, endless_disputes_do_not_take_long);
	suite_add_tcase(s, tc);
	return s;
}

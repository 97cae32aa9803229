/* SPDX-License-Identifier: MIT */
/*
 * Traces cut anywhere, with any bit turned, or made to cost time or memory:
 * nothing happens but that less comes out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "suites.h"
#include "trace_story.h"

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

Suite *suite_trace_hostile(void)
{
	Suite *s = suite_create("trace_hostile");
	TCase *tc;

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

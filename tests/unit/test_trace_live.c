/* SPDX-License-Identifier: MIT */
/*
 * Traces that are being recorded: they end with what was there when they were
 * opened, and what comes to be there afterwards is neither damage nor a gap.
 */
#include <stdlib.h>
#include <string.h>

#include "suites.h"
#include "trace_story.h"

struct live {
	struct writer *w;
	struct trace *trace;
	uint8_t *bytes;
	size_t size;
};

/* Takes the writer. */
static struct live live_open(struct writer *w)
{
	struct live l = { .w = w };
	const char *why = NULL;
	const uint8_t *bytes;

	w->header.state = CMSHIM_RECORDING;
	bytes = writer_bytes(w, &l.size);
	l.bytes = malloc(l.size);
	ck_assert_ptr_nonnull(l.bytes);
	memcpy(l.bytes, bytes, l.size);
	ck_assert_int_eq(trace_open_memory(&l.trace, l.bytes, l.size, &why), 0);
	return l;
}

static void live_close(struct live *l)
{
	ck_assert(!trace_info(l->trace)->damaged);
	ck_assert_uint_eq(trace_info(l->trace)->n_gaps, 0);
	trace_close(l->trace);
	free(l->bytes);
	writer_free(l->w);
}

/* What is in the file behind the chunk's last record. */
static uint8_t *live_end(struct live *l, const struct written *c)
{
	struct cmshim_chunk head;

	for (size_t i = CMSHIM_CHUNK_ALIGN; i < l->size; i += 64) {
		memcpy(&head, l->bytes + i, sizeof(head));
		if (head.magic == CMSHIM_CHUNK_MAGIC &&
		    head.type == c->head.type &&
		    head.stream == c->head.stream &&
		    head.index == c->head.index)
			return l->bytes + i + written_at(c);
	}
	ck_abort_msg("a chunk is not there");
	return NULL;
}

/* Chunk 0 of the thread's stream, in which two pairs are, and room. */
static struct written *two_pairs(struct writer *w, uint32_t thread)
{
	struct written *c = stage_log(w, thread, 0);

	c->spare = 640;
	PUT(c, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(c, RELEASE, NONE);
	PUT(c, ACQUIRE, OBJECT(1), STACK(0));
	PUT(c, RELEASE, NONE);
	return c;
}

START_TEST(what_the_recorder_adds_after_the_opening_is_no_damage)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0);
	struct event ev;
	struct live l;

	w->chunks[0]->spare = 640;
	PUT(a, ACQUIRE, OBJECT(88), STACK(0), SEQ(1));
	l = live_open(w);
	/* Object 88 is defined behind the definitions that were read. */
	*live_end(&l, w->chunks[0]) = CMSHIM_DEF_OBJECT;
	while (trace_next(l.trace, &ev) > 0)
		ck_assert_int_eq(ev.op, EVENT_THREAD_END);
	live_close(&l);
}
END_TEST

START_TEST(it_ends_where_others_have_not_been_read)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);
	struct event ev;
	struct live l;
	size_t n = 0;

	a->spare = 640;
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(7));
	PUT(b, RELEASE, NONE);
	l = live_open(w);
	/* Thread 1 goes on. */
	*live_end(&l, a) = CMSHIM_OP_RELEASE;
	for (; trace_next(l.trace, &ev) > 0; n++)
		ck_assert(ev.op == EVENT_THREAD_END || ev.seq == 1);
	ck_assert_uint_eq(n, 3); /* the acquire, and two ends */
	live_close(&l);
}
END_TEST

/* The recorder counts a byte up that has been looked at. */
START_TEST(what_is_done_again_after_the_opening_is_not_told)
{
	struct writer *w = stage_new();
	struct written *a = two_pairs(w, 1);
	struct event ev;
	struct live l;
	size_t n = 0;

	written_byte(a, CMSHIM_AGAIN + 1);
	l = live_open(w);
	live_end(&l, a)[-1] += 7;
	while (trace_next(l.trace, &ev) > 0)
		n += ev.op != EVENT_THREAD_END;
	ck_assert_uint_eq(n, 6);
	live_close(&l);
}
END_TEST

/* By this alone it is seen that it goes on: number 12 is still to come. */
START_TEST(what_is_done_again_after_the_opening_leaves_no_gap)
{
	struct writer *w = stage_new();
	struct written *a = two_pairs(w, 1), *b = stage_log(w, 2, 0);
	struct event ev;
	struct live l;

	written_byte(a, CMSHIM_AGAIN + 1);
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(13));
	l = live_open(w);
	live_end(&l, a)[-1] += 6;
	while (trace_next(l.trace, &ev) > 0)
		ck_assert(ev.op == EVENT_THREAD_END || ev.thread == 1);
	live_close(&l);
}
END_TEST

/* A burst belongs inside an AGAIN, and waits for what was recorded later. */
START_TEST(it_may_end_inside_an_again)
{
	struct writer *w = stage_new();
	struct written *a = two_pairs(w, 1), *b = stage_log(w, 2, 0), *n;
	uint64_t last = 0;
	struct event ev;
	struct live l;

	n = writer_chunk(w, CMSHIM_CHUNK_EVENTS, 9, 0, 1);
	n->head.flags = CMSHIM_CHUNK_NESTED;
	PUT(n, NESTED, ARG(0), KEY(1), END(written_at(a)), CODE(2));
	written_byte(a, CMSHIM_AGAIN + 3);
	PUT(n, ACQUIRE, OBJECT(2), STACK(0), SEQ(3));
	PUT(b, ACQUIRE, OBJECT(2), STACK(0), SEQ(1));
	b->spare = 640;
	l = live_open(w);
	*live_end(&l, b) = CMSHIM_OP_RELEASE;
	while (trace_next(l.trace, &ev) > 0)
		if (ev.object == 1)
			last = ev.seq;
	/* The acquire that was interrupted; its release is behind the burst. */
	ck_assert_uint_eq(last, 7);
	live_close(&l);
}
END_TEST

Suite *suite_trace_live(void)
{
	Suite *s = suite_create("trace_live");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc,
		       what_the_recorder_adds_after_the_opening_is_no_damage);
	tcase_add_test(tc, it_ends_where_others_have_not_been_read);
	tcase_add_test(tc, what_is_done_again_after_the_opening_is_not_told);
	tcase_add_test(tc, what_is_done_again_after_the_opening_leaves_no_gap);
	tcase_add_test(tc, it_may_end_inside_an_again);
	suite_add_tcase(s, tc);
	return s;
}

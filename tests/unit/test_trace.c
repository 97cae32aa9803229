/* SPDX-License-Identifier: MIT */
/*
 * Records made events: what one log says.  Definitions are in
 * test_trace_defs.c, the order of several logs in test_trace_order.c, what is
 * broken in test_trace_damage.c.
 */
#include <errno.h>
#include <string.h>

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

START_TEST(every_op_comes_out_with_its_fields)
{
	static const struct {
		uint8_t op, numbered;
		uint64_t fields;
	} ops[] = {
#define X(name, number, fields, numbered, text) { number, numbered, fields },
		CMSHIM_OPS(X)
#undef X
	};
	static const uint64_t frames[] = { 0x5000 };
	struct writer *w = stage_new();
	struct written *defs = writer_chunk(w, CMSHIM_CHUNK_DEFS, 1, 1, 1);
	struct written *c = stage_log(w, 1, 0);
	uint64_t number = 1, index = 0, ticks = 1000;
	struct story s;

	define_stack(defs, 1, 0, 0, frames, 1);
	define_call(defs, 9, CMSHIM_OP_MAP_READ, CMSHIM_MAP, "find");
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		uint64_t mask = ops[i].fields;
		struct field f[12];
		size_t n = 0;

		if (ops[i].op >= CMSHIM_OP_HELD)
			continue; /* have tests of their own */
		if (ops[i].numbered)
			mask |= CMSHIM_OBJECT | CMSHIM_SEQ;
		if (mask & CMSHIM_OBJECT)
			f[n++] = (struct field)OBJECT(6);
		if (mask & CMSHIM_STACK)
			f[n++] = (struct field)STACK(1);
		if (mask & CMSHIM_SEQ)
			f[n++] = (struct field)SEQ(number++);
		/* A read needs the number of a write, too. */
		if (ops[i].op == CMSHIM_OP_MAP_READ ||
		    ops[i].op == CMSHIM_OP_MAP_FOUND ||
		    ops[i].op == CMSHIM_OP_MAP_MISSED ||
		    ops[i].op == CMSHIM_OP_MAP_ENTER ||
		    ops[i].op == CMSHIM_OP_MAP_NEXT)
			f[n++] = (struct field)SEQ(number - 1);
		f[n++] = (struct field)TIME(10);
		if (mask & CMSHIM_CALL)
			f[n++] = (struct field)CALL(9);
		f[n++] = (struct field)FLAGS(CMSHIM_TRY);
		if (mask & CMSHIM_ARG)
			f[n++] = (struct field)ARG(2);
		f[n++] = (struct field)KEY(77);
		f[n++] = (struct field)CODE(EBUSY);
		f[n++] = (struct field)DURATION(5);
		written_event(c, ops[i].op, f, n);
	}

	s = story_of(w);
	assert_whole(&s);
	for (size_t i = 0; i < s.n - 1; i++) {
		const struct event *ev = &s.events[i];
		uint64_t mask = ops[i].fields;
		unsigned op = ops[i].op, flags = CMSHIM_TRY;

		/* These are others' with a flag. */
		switch (op) {
		case CMSHIM_OP_MAP_FOUND:
		case CMSHIM_OP_MAP_CHANGED:
			flags |= CMSHIM_HIT;
			break;
		case CMSHIM_OP_MAP_MISSED:
		case CMSHIM_OP_MAP_ADDED:
			flags |= CMSHIM_MISS;
		}
		if (flags != CMSHIM_TRY)
			op = ops[i].numbered ? CMSHIM_OP_MAP_WRITE
					     : CMSHIM_OP_MAP_READ;
		ck_assert_uint_eq(ev->op, op);
		ck_assert_uint_eq(ev->thread, 1);
		ck_assert_uint_eq(ev->index, index++);
		if (ops[i].numbered || (mask & CMSHIM_OBJECT))
			ck_assert_uint_eq(ev->object, 6);
		else
			ck_assert_uint_eq(ev->object, 0);
		if (mask & CMSHIM_STACK)
			ck_assert_uint_eq(ev->stack, 1);
		ck_assert(ev->has_time);
		ticks += 10;
		ck_assert_uint_eq(ev->time_ns, ticks - 1000);
		ck_assert_uint_eq(ev->flags, flags);
		ck_assert_uint_eq(ev->key, 77);
		ck_assert_uint_eq(ev->code, EBUSY);
		ck_assert_uint_eq(ev->duration_ns, 5);
		if (mask & CMSHIM_CALL)
			ck_assert_str_eq(s.info->calls[ev->call].name, "find");
	}
	ck_assert_uint_eq(index, 49);
	ck_assert_uint_eq(s.info->n_events, 49);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_CREATE, 0)->other, 2);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_JOIN, 0)->other, 2);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_START, 0)->other, 2);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_DETACH, 0)->other, 2);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_WAIT, 0)->other, 2);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_FORKED, 0)->arg, 2);
	ck_assert(story_find(&s, CMSHIM_OP_ACQUIRE_SHARED, 0)->shared);
	ck_assert(story_find(&s, CMSHIM_OP_RELEASE_SHARED, 0)->shared);
	ck_assert(!story_find(&s, CMSHIM_OP_ACQUIRE, 0)->shared);
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(numbers_left_out_follow_on_the_threads_own)
{
	struct writer *w = stage_new();
	struct written *c = stage_log(w, 1, 0);
	struct story s;

	PUT(c, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(c, ACQUIRE, OBJECT(2), STACK(0), SEQ(1));
	PUT(c, RELEASE, NONE);
	PUT(c, RELEASE, NONE);
	PUT(c, ACQUIRE, OBJECT(2), STACK(0));
	PUT(c, RELEASE, NONE);

	s = story_of(w);
	assert_whole(&s);
	ck_assert_str_eq(s.text, "1 ACQUIRE o1 #1\n"
				 "1 ACQUIRE o2 #1\n"
				 "1 RELEASE o2 #2\n"
				 "1 RELEASE o1 #2\n"
				 "1 ACQUIRE o2 #3\n"
				 "1 RELEASE o2 #4\n"
				 "1 end\n");
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(release_with_object_takes_it_out_of_the_middle)
{
	struct writer *w = stage_new();
	struct written *c = stage_log(w, 1, 0);
	struct story s;

	PUT(c, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(c, ACQUIRE, OBJECT(2), STACK(0), SEQ(1));
	PUT(c, ACQUIRE_SHARED, OBJECT(3), STACK(0), SEQ(1));
	PUT(c, RELEASE, OBJECT(2));
	PUT(c, RELEASE_SHARED, NONE);
	PUT(c, RELEASE, NONE);

	s = story_of(w);
	assert_whole(&s);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_RELEASE_SHARED, 0)->object,
			  3);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_RELEASE, 1)->object, 1);
	story_close(&s);
	writer_free(w);
}
END_TEST

/* As the recorder, which does not take it for held any more. */
START_TEST(a_release_that_failed_is_not_tried_again_unsaid)
{
	struct writer *w = stage_new();
	struct written *c = stage_log(w, 1, 0);
	struct story s;

	PUT(c, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(c, ACQUIRE, OBJECT(2), STACK(0), SEQ(1));
	PUT(c, RELEASE, NONE);
	PUT(c, RELEASE_FAILED, OBJECT(2), CODE(EPERM));
	PUT(c, RELEASE, NONE);
	PUT(c, RELEASE, OBJECT(2));

	s = story_of(w);
	assert_whole(&s);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_RELEASE_FAILED, 0)->code,
			  EPERM);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_RELEASE, 1)->object, 1);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_RELEASE, 2)->object, 2);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_RELEASE, 2)->seq, 3);
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(an_acquire_after_a_request_waited_and_has_its_stack)
{
	static const uint64_t frames[] = { 0x5000 };
	struct writer *w = stage_new();
	struct written *defs = writer_chunk(w, CMSHIM_CHUNK_DEFS, 1, 1, 1);
	struct written *c = stage_log(w, 1, 0);
	const struct event *ev;
	struct story s;

	define_stack(defs, 1, 0, 0, frames, 1);
	PUT(c, REQUEST, OBJECT(1), STACK(1), TIME(100));
	PUT(c, ACQUIRE, OBJECT(1), SEQ(1), TIME(30));
	PUT(c, RELEASE, NONE);
	PUT(c, ACQUIRE, OBJECT(1), STACK(0));
	PUT(c, REQUEST_SHARED, OBJECT(3), STACK(1), TIME(5));
	PUT(c, REQUEST_FAILED, OBJECT(3), TIME(7), CODE(ETIMEDOUT));

	s = story_of(w);
	assert_whole(&s);
	ev = story_find(&s, CMSHIM_OP_ACQUIRE, 0);
	ck_assert(ev->contended);
	ck_assert_uint_eq(ev->wait_ns, 30);
	ck_assert_uint_eq(ev->stack, 1);
	ev = story_find(&s, CMSHIM_OP_ACQUIRE, 1);
	ck_assert(!ev->contended);
	ck_assert_uint_eq(ev->stack, 0);
	ev = story_find(&s, CMSHIM_OP_REQUEST_FAILED, 0);
	ck_assert(ev->contended && ev->shared);
	ck_assert_uint_eq(ev->wait_ns, 7);
	ck_assert_uint_eq(ev->code, ETIMEDOUT);
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(map_calls_have_numbers_seen_and_overlapped)
{
	struct writer *w = stage_new();
	struct written *c = stage_log(w, 1, 0);
	const struct event *ev;
	struct story s;

	/* Before any write; then twice after its own second one; then one
	   that had three writes inside, and a write call with something
	   recorded inside. */
	PUT(c, MAP_READ, OBJECT(6), SEQ(0));
	PUT(c, MAP_WRITE, OBJECT(6), SEQ(1));
	PUT(c, MAP_WRITE, OBJECT(6));
	PUT(c, MAP_READ, OBJECT(6));
	PUT(c, MAP_READ, OBJECT(6), FLAGS(CMSHIM_OVERLAP), END(5));
	PUT(c, MAP_ENTER, OBJECT(6), FLAGS(CMSHIM_WRITE));
	PUT(c, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(c, RELEASE, NONE);
	PUT(c, MAP_EXIT, OBJECT(6));
	PUT(c, MAP_READ, OBJECT(6));

	s = story_of(w);
	assert_whole(&s);
	ev = story_find(&s, CMSHIM_OP_MAP_READ, 0);
	ck_assert_uint_eq(ev->seq, 0);
	ck_assert_uint_eq(ev->end, 0);
	ev = story_find(&s, CMSHIM_OP_MAP_READ, 1);
	ck_assert_uint_eq(ev->seq, 2);
	ck_assert_uint_eq(ev->end, 2);
	ev = story_find(&s, CMSHIM_OP_MAP_READ, 2);
	ck_assert_uint_eq(ev->seq, 2);
	ck_assert_uint_eq(ev->end, 5);
	ck_assert_uint_eq(ev->flags, CMSHIM_OVERLAP);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_MAP_ENTER, 0)->seq, 3);
	ev = story_find(&s, CMSHIM_OP_MAP_EXIT, 0);
	ck_assert_uint_eq(ev->seq, 3);
	ck_assert_uint_eq(ev->end, 3);
	ck_assert_uint_eq(ev->flags, CMSHIM_WRITE);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_MAP_READ, 3)->seq, 3);
	story_close(&s);
	writer_free(w);
}
END_TEST

/* The lock makes the other thread's write come in between. */
START_TEST(a_read_follows_on_the_read_before)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);
	struct story s;

	PUT(b, MAP_WRITE, OBJECT(6), SEQ(1));
	PUT(a, MAP_READ, OBJECT(6), SEQ(1));
	PUT(b, MAP_WRITE, OBJECT(6));
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(2));
	PUT(a, MAP_READ, OBJECT(6));	     /* as before */
	PUT(a, MAP_READ, OBJECT(6), SEQ(2)); /* then it saw it */
	PUT(a, MAP_READ, OBJECT(6));
	PUT(a, MAP_WRITE, OBJECT(6));
	PUT(a, MAP_READ, OBJECT(6));

	s = story_of(w);
	assert_whole(&s);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_MAP_READ, 0)->seq, 1);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_MAP_READ, 1)->seq, 1);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_MAP_READ, 2)->seq, 2);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_MAP_READ, 3)->seq, 2);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_MAP_WRITE, 2)->seq, 3);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_MAP_READ, 4)->seq, 3);
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(a_read_follows_on_its_own_chunks_write)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);
	struct story s;

	PUT(a, MAP_WRITE, OBJECT(6), SEQ(1));
	PUT(b, MAP_WRITE, OBJECT(6), SEQ(2));
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(2));
	PUT(a, MAP_READ, OBJECT(6)); /* did not see it */

	s = story_of(w);
	assert_whole(&s);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_MAP_READ, 0)->seq, 1);
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(what_is_not_known_yet_is_skipped)
{
	struct writer *w = stage_new();
	struct written *defs = writer_chunk(w, CMSHIM_CHUNK_DEFS, 1, 1, 1);
	struct written *unknown = writer_chunk(w, 77, 1, 0, 1);
	struct written *c = stage_log(w, 1, 0);
	struct story s;

	def_begin(defs, 200);
	def_number(defs, 5);
	def_end(defs);
	def_begin(defs, CMSHIM_DEF_CALL);
	def_number(defs, 3);
	def_number(defs, CMSHIM_OP_ACQUIRE);
	def_number(defs, CMSHIM_MUTEX);
	def_number(defs, 0);
	def_text(defs, "lock");
	def_number(defs, 12345); /* more than version 1 has */
	def_end(defs);
	written_byte(unknown, 0xff);
	PUT_OP(c, 59, OBJECT(99), { 1u << 20, 7 }, { 1ull << 63, 1ull << 63 });
	PUT(c, ACQUIRE, OBJECT(1), SEQ(1), { 1u << 30, UINT64_MAX });

	s = story_of(w);
	assert_whole(&s);
	ck_assert_str_eq(s.text, "1 ACQUIRE o1 #1\n1 end\n");
	ck_assert_str_eq(s.info->calls[s.events[0].call].name, "lock");
	story_close(&s);
	writer_free(w);
}
END_TEST

/* At 2.5 GHz, by the header's stamps, 250 ticks are 100 ns. */
START_TEST(ticks_become_nanoseconds_by_the_stamps)
{
	struct writer *w = stage_new();
	struct written *c = stage_log(w, 1, 0);
	struct story s;

	w->header.clock = CMSHIM_CLOCK_TSC;
	w->header.start = (struct cmshim_stamp){ 1000000, 500 };
	w->header.last = (struct cmshim_stamp){ 3500000, 1000500 };
	c->head.start = (struct cmshim_stamp){ 1000250, 600 };
	PUT(c, EXIT, TIME(0));
	PUT(c, EXIT, TIME(250));
	s = story_of(w);
	ck_assert_uint_eq(s.events[0].time_ns, 100);
	ck_assert_uint_eq(s.events[1].time_ns, 200);
	ck_assert_uint_eq(s.info->duration_ns, 1000000);
	story_close(&s);

	/* Not one pair apart from another: a tick is taken for 1 ns. */
	w->header.last = c->head.start = w->header.start;
	s = story_of(w);
	ck_assert_uint_eq(s.events[1].time_ns, 250);
	story_close(&s);

	/* Only a chunk's stamp is apart: half a nanosecond a tick. */
	c->head.start = (struct cmshim_stamp){ 1001000, 1000 };
	s = story_of(w);
	ck_assert_uint_eq(s.events[0].time_ns, 500);
	ck_assert_uint_eq(s.events[1].time_ns, 625);
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(times_of_a_thread_never_go_back)
{
	struct writer *w = stage_new();
	struct written *c = stage_log(w, 1, 0), *d = stage_log(w, 1, 1);
	struct story s;

	PUT(c, EXIT, TIME(500));
	PUT(d, EXIT, TIME(100));
	PUT(d, EXIT, TIME(UINT64_MAX));
	s = story_of(w);
	ck_assert_uint_eq(s.events[0].time_ns, 500);
	ck_assert_uint_eq(s.events[1].time_ns, 500);
	ck_assert_uint_ge(s.events[2].time_ns, 500);
	story_close(&s);
	writer_free(w);
}
END_TEST

/* Where one in 64 is, each stands for twice as many as one of 32. */
START_TEST(a_sampled_acquire_stands_for_as_many_as_the_period)
{
	struct writer *w = stage_new();
	struct written *c = stage_log(w, 1, 0), *d = stage_log(w, 1, 1);
	struct story s;

	w->header.hold_period = 32;
	PUT(c, ACQUIRE, OBJECT(1), STACK(0), SEQ(1), FLAGS(CMSHIM_SAMPLED));
	PUT(c, RELEASE, NONE);
	d->head.hold_period = 64;
	PUT(d, ACQUIRE, OBJECT(1), STACK(0), SEQ(3), FLAGS(CMSHIM_SAMPLED));
	PUT(d, RELEASE, NONE);
	PUT(d, ACQUIRE, OBJECT(1), STACK(0), FLAGS(CMSHIM_TRY));
	s = story_of(w);
	ck_assert_uint_eq(s.events[0].weight, 1);
	ck_assert_uint_eq(s.events[2].weight, 2);
	ck_assert_uint_eq(s.events[4].weight, 0);
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(lost_events_are_summed_up)
{
	struct writer *w = stage_new();
	struct written *c = stage_log(w, 1, 0);
	struct story s;

	PUT(c, DROP, ARG(3));
	c->head.lost = 4;
	w->header.lost[CMSHIM_LOST_EVENTS] = 5; /* of the 7 in the chunks */
	w->header.lost[CMSHIM_LOST_OBJECTS] = 10;
	s = story_of(w);
	ck_assert_uint_eq(s.info->n_lost, 17);
	ck_assert_uint_eq(s.info->n_events, 0);
	ck_assert_uint_eq(s.events[0].arg, 3);
	story_close(&s);
	writer_free(w);
}
END_TEST

Suite *suite_trace(void)
{
	Suite *s = suite_create("trace");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, every_op_comes_out_with_its_fields);
	tcase_add_test(tc, numbers_left_out_follow_on_the_threads_own);
	tcase_add_test(tc, a_read_follows_on_the_read_before);
	tcase_add_test(tc, a_read_follows_on_its_own_chunks_write);
	tcase_add_test(tc, release_with_object_takes_it_out_of_the_middle);
	tcase_add_test(tc, a_release_that_failed_is_not_tried_again_unsaid);
	tcase_add_test(tc, an_acquire_after_a_request_waited_and_has_its_stack);
	tcase_add_test(tc, map_calls_have_numbers_seen_and_overlapped);
	tcase_add_test(tc, what_is_not_known_yet_is_skipped);
	tcase_add_test(tc, ticks_become_nanoseconds_by_the_stamps);
	tcase_add_test(tc, times_of_a_thread_never_go_back);
	tcase_add_test(tc, a_sampled_acquire_stands_for_as_many_as_the_period);
	tcase_add_test(tc, lost_events_are_summed_up);
	suite_add_tcase(s, tc);
	return s;
}

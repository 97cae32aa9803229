/* SPDX-License-Identifier: MIT */
/*
 * AGAIN: an acquire and its release that come again and again, in a byte.
 */
#include <string.h>

#include "suites.h"
#include "trace_story.h"

/* n events that are one byte. */
static void again(struct written *c, unsigned n)
{
	written_byte(c, (uint8_t)(CMSHIM_AGAIN + n - 1));
}

START_TEST(what_was_taken_last_is_taken_and_released_in_turn)
{
	struct writer *w = stage_new();
	struct written *c = stage_log(w, 1, 0);

	PUT(c, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(c, RELEASE, NONE);
	PUT(c, ACQUIRE_SHARED, OBJECT(3), STACK(0), SEQ(1));
	PUT(c, RELEASE_SHARED, NONE);
	/* An acquire of which more is told is not the one. */
	PUT(c, ACQUIRE, OBJECT(1), STACK(0));
	PUT(c, RELEASE, NONE);
	PUT(c, ACQUIRE, OBJECT(2), STACK(0), SEQ(1), FLAGS(CMSHIM_TRY));
	PUT(c, RELEASE, NONE);
	again(c, 3);
	PUT(c, ACQUIRE_SHARED, OBJECT(3), STACK(0));
	again(c, 1); /* inside, and given up behind it */
	PUT(c, RELEASE_SHARED, NONE);
	PUT(c, RELEASE_SHARED, NONE);
	PUT(c, RELEASE, NONE);
	assert_story(w, "1 ACQUIRE o1 #1\n"
			"1 RELEASE o1 #2\n"
			"1 ACQUIRE_SHARED o3 #1\n"
			"1 RELEASE_SHARED o3 #2\n"
			"1 ACQUIRE o1 #3\n"
			"1 RELEASE o1 #4\n"
			"1 ACQUIRE o2 #1\n"
			"1 RELEASE o2 #2\n"
			"1 ACQUIRE o1 #5\n"
			"1 RELEASE o1 #6\n"
			"1 ACQUIRE o1 #7\n"
			"1 ACQUIRE_SHARED o3 #3\n"
			"1 ACQUIRE_SHARED o3 #4\n"
			"1 RELEASE_SHARED o3 #5\n"
			"1 RELEASE_SHARED o3 #6\n"
			"1 RELEASE o1 #8\n"
			"1 end\n");
}
END_TEST

START_TEST(a_full_byte_is_64_events)
{
	struct writer *w = stage_new();
	struct written *c = stage_log(w, 1, 0);
	struct story s;

	PUT(c, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(c, RELEASE, NONE);
	PUT(c, ACQUIRE, OBJECT(1), STACK(0));
	PUT(c, RELEASE, NONE);
	again(c, 64);
	again(c, 2);
	s = story_of(w);
	ck_assert(!s.info->damaged);
	ck_assert_uint_eq(s.info->n_events, 4 + 64 + 2);
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_RELEASE, 34)->seq, 70);
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(of_nothing_there_is_no_again)
{
	struct writer *w = stage_new();
	struct written *c = stage_log(w, 1, 0), *d = stage_log(w, 1, 1);
	struct story s;

	PUT(c, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(c, RELEASE, NONE);
	again(c, 2); /* what is before has its number */
	s = story_of(w);
	ck_assert(s.info->damaged);
	ck_assert_str_eq(s.text, "1 ACQUIRE o1 #1\n1 RELEASE o1 #2\n1 end\n");
	story_close(&s);
	writer_free(w);

	/* Nor of what is in another chunk. */
	w = stage_new();
	c = stage_log(w, 1, 0);
	d = stage_log(w, 1, 1);
	PUT(c, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(c, RELEASE, NONE);
	PUT(c, ACQUIRE, OBJECT(1), STACK(0));
	PUT(c, RELEASE, NONE);
	again(d, 2);
	s = story_of(w);
	ck_assert(s.info->damaged);
	ck_assert_uint_eq(s.info->n_events, 4);
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(a_trace_of_the_version_before_is_read)
{
	struct writer *w = stage_new();

	w->header.version = 1;
	PUT(stage_log(w, 1, 0), ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	assert_story(w, "1 ACQUIRE o1 #1\n1 end\n");
}
END_TEST

/* A handler's event: in stream 9 of thread 1, before the event of that number
   of the AGAIN at that byte. */
static struct writer *interrupted(unsigned before)
{
	struct writer *w = stage_new();
	struct written *c = stage_log(w, 1, 0), *n;

	PUT(c, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(c, RELEASE, NONE);
	PUT(c, ACQUIRE, OBJECT(1), STACK(0));
	PUT(c, RELEASE, NONE);
	n = writer_chunk(w, CMSHIM_CHUNK_EVENTS, 9, 0, 1);
	n->head.flags = CMSHIM_CHUNK_NESTED;
	if (before)
		PUT(n, NESTED, ARG(0), KEY(1), END(written_at(c)),
		    CODE(before));
	else
		PUT(n, NESTED, ARG(0), KEY(1), END(written_at(c)));
	again(c, 4);
	PUT(c, EXIT, TIME(1));
	PUT(n, ACQUIRE, OBJECT(2), STACK(0), SEQ(1));
	PUT(n, RELEASE, NONE);
	return w;
}

#define BEGIN               \
	"1 ACQUIRE o1 #1\n" \
	"1 RELEASE o1 #2\n" \
	"1 ACQUIRE o1 #3\n" \
	"1 RELEASE o1 #4\n"
#define BURST               \
	"1 ACQUIRE o2 #1\n" \
	"1 RELEASE o2 #2\n"
#define END_OF_IT "1 EXIT\n1 end\n"

/* While an acquire is recorded the lock is held, and so it is while a release
   is. */
START_TEST(a_burst_goes_where_it_interrupted_the_again)
{
	const char *in_first =
		BEGIN "1 ACQUIRE o1 #5\n" BURST "1 RELEASE o1 #6\n"
		      "1 ACQUIRE o1 #7\n"
		      "1 RELEASE o1 #8\n" END_OF_IT;
	const char *in_second =
		BEGIN "1 ACQUIRE o1 #5\n"
		      "1 RELEASE o1 #6\n"
		      "1 ACQUIRE o1 #7\n" BURST "1 RELEASE o1 #8\n" END_OF_IT;

	assert_story(interrupted(0), in_first);
	assert_story(interrupted(1), in_first);
	assert_story(interrupted(2), in_second);
	assert_story(interrupted(3), in_second);
	/* Behind its last event is while the next record was made. */
	assert_story(interrupted(4), BEGIN "1 ACQUIRE o1 #5\n"
					   "1 RELEASE o1 #6\n"
					   "1 ACQUIRE o1 #7\n"
					   "1 RELEASE o1 #8\n" BURST END_OF_IT);
}
END_TEST

/*
 * The same run recorded twice, once without AGAIN.
 */
enum { THREADS = 3, LOCKS = 3, DEPTH = 3 };

struct twin {
	struct written *chunk, *nested;
	/* With AGAIN: what it may repeat, and the events of the one that is the
	   last record. */
	uint64_t op, object, stack;
	unsigned n;
};

struct worker {
	struct twin twins[2];
	uint32_t index;
	bool is_ours[LOCKS + 1]; /* the last number is of this chunk */
	uint64_t held[DEPTH];
	unsigned n_held;
	unsigned object, stack; /* of the next acquire */
};

struct run {
	struct writer *w[2];
	struct worker workers[THREADS + 1];
	uint64_t random, number[LOCKS + 1], posts;
	unsigned owner[LOCKS + 1];
	unsigned n_again, n_nested_again;
};

static unsigned draw(struct run *r, unsigned n)
{
	r->random ^= r->random << 13;
	r->random ^= r->random >> 7;
	r->random ^= r->random << 17;
	return (unsigned)(r->random >> 20) % n;
}

static void new_chunks(struct run *r, unsigned thread)
{
	struct worker *me = &r->workers[thread];

	for (int i = 0; i < 2; i++) {
		me->twins[i].chunk = stage_log(r->w[i], thread, me->index);
		me->twins[i].op = me->twins[i].n = 0;
		for (unsigned h = 0; h < me->n_held; h++)
			PUT(me->twins[i].chunk, HELD, OBJECT(me->held[h]),
			    ARG(0));
	}
	me->index++;
	for (int i = 0; i <= LOCKS; i++)
		me->is_ours[i] = false;
}

/* A handler posts while the thread's next event is being recorded. */
static void interrupt(struct run *r, unsigned thread)
{
	struct worker *me = &r->workers[thread];

	r->posts++;
	for (int i = 0; i < 2; i++) {
		struct twin *to = &me->twins[i];
		uint64_t at = written_at(to->chunk);

		if (!to->nested) {
			to->nested = writer_chunk(r->w[i], CMSHIM_CHUNK_EVENTS,
						  thread + 10, 0, thread);
			to->nested->head.flags = CMSHIM_CHUNK_NESTED;
		}
		if (to->n)
			PUT(to->nested, NESTED, ARG(me->index - 1), KEY(thread),
			    END(at - 1), CODE(to->n));
		else
			PUT(to->nested, NESTED, ARG(me->index - 1), KEY(thread),
			    END(at));
		PUT(to->nested, POST, OBJECT(5), STACK(0), SEQ(r->posts));
		r->n_nested_again += to->n != 0;
	}
}

/* One event more in the AGAIN at the end. */
static void again_more(struct run *r, struct twin *to)
{
	if (to->n++)
		to->chunk->n--;
	again(to->chunk, to->n);
	r->n_again++;
}

static void put_acquire(struct run *r, struct worker *me, bool may_repeat,
			bool timed)
{
	struct twin *to = &me->twins[may_repeat];
	const uint64_t o = me->object, s = me->stack;

	if (!me->is_ours[o] || timed) {
		to->n = 0;
		if (!me->is_ours[o])
			PUT(to->chunk, ACQUIRE, OBJECT(o), STACK(s),
			    SEQ(r->number[o]));
		else
			PUT(to->chunk, ACQUIRE, OBJECT(o), STACK(s), TIME(1));
		return;
	}
	if (may_repeat && to->op && to->object == o && to->stack == s) {
		if (to->n % 2 || to->n == 64)
			to->n = 0;
		again_more(r, to);
		return;
	}
	to->n = 0;
	to->op = CMSHIM_OP_ACQUIRE;
	to->object = o;
	to->stack = s;
	PUT(to->chunk, ACQUIRE, OBJECT(o), STACK(s));
}

static void put_release(struct run *r, struct twin *to, bool may_repeat)
{
	if (may_repeat && to->n % 2) {
		again_more(r, to);
		return;
	}
	to->n = 0;
	PUT(to->chunk, RELEASE, NONE);
}

static void acquire(struct run *r, unsigned thread)
{
	struct worker *me = &r->workers[thread];
	bool timed = draw(r, 20) == 0;

	/* The same as before, mostly. */
	if (!me->object || draw(r, 8) == 0) {
		me->object = 1 + draw(r, LOCKS);
		me->stack = draw(r, 3);
	}
	if (r->owner[me->object])
		return;
	r->owner[me->object] = thread;
	r->number[me->object]++;
	me->held[me->n_held++] = me->object;
	for (int i = 0; i < 2; i++)
		put_acquire(r, me, i, timed);
	me->is_ours[me->object] = true;
	for (unsigned t = 1; t <= THREADS; t++)
		r->workers[t].is_ours[me->object] &= t == thread;
}

static void release(struct run *r, unsigned thread)
{
	struct worker *me = &r->workers[thread];
	uint64_t object = me->held[me->n_held - 1];

	/* In another chunk its number had to be told. */
	if (!me->is_ours[object]) {
		r->number[object]++;
		for (int i = 0; i < 2; i++) {
			me->twins[i].n = 0;
			PUT(me->twins[i].chunk, RELEASE,
			    SEQ(r->number[object]));
		}
		me->is_ours[object] = true;
	} else {
		r->number[object]++;
		for (int i = 0; i < 2; i++)
			put_release(r, &me->twins[i], i);
	}
	me->n_held--;
	r->owner[object] = 0;
}

static void run_twice(struct run *r, uint64_t seed)
{
	static const uint64_t frames[2][1] = { { 0x5000 }, { 0x6000 } };

	*r = (struct run){ .random = seed * 0x9e3779b97f4a7c15u + 1 };
	for (int i = 0; i < 2; i++) {
		r->w[i] = stage_new();
		for (unsigned t = 1; t <= THREADS; t++) {
			struct written *defs = writer_chunk(
				r->w[i], CMSHIM_CHUNK_DEFS, t, 1, 1);

			define_stack(defs, 1, 0, 0, frames[0], 1);
			define_stack(defs, 2, 0, 0, frames[1], 1);
		}
	}
	for (unsigned t = 1; t <= THREADS; t++)
		new_chunks(r, t);
	for (int step = 0; step < 600; step++) {
		/* Threads run for a while. */
		unsigned thread =
			1 + (unsigned)(step / 40 + draw(r, 8) / 7) % THREADS;
		struct worker *me = &r->workers[thread];

		if (draw(r, 60) == 0)
			new_chunks(r, thread);
		if (draw(r, 40) == 0)
			interrupt(r, thread);
		if (me->n_held && (me->n_held == DEPTH || draw(r, 4)))
			release(r, thread);
		else
			acquire(r, thread);
	}
}

START_TEST(a_run_reads_the_same_with_and_without)
{
	static struct run r;
	unsigned n_again = 0, n_nested_again = 0;

	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct story plain, folded;

		run_twice(&r, seed);
		plain = story_of(r.w[0]);
		folded = story_of(r.w[1]);
		ck_assert_msg(!plain.info->damaged && !folded.info->damaged,
			      "seed %d: %s", (int)seed,
			      folded.info->damage ? folded.info->damage : "");
		ck_assert_uint_eq(plain.info->n_gaps, 0);
		ck_assert_msg(strcmp(plain.text, folded.text) == 0, "seed %d",
			      (int)seed);
		ck_assert_uint_eq(plain.n, folded.n);
		for (size_t i = 0; i < plain.n; i++)
			ck_assert_uint_eq(plain.events[i].stack,
					  folded.events[i].stack);
		n_again += r.n_again;
		n_nested_again += r.n_nested_again;
		story_close(&plain);
		story_close(&folded);
		writer_free(r.w[0]);
		writer_free(r.w[1]);
	}
	/* It was about something. */
	ck_assert_uint_gt(n_again, 10000);
	ck_assert_uint_gt(n_nested_again, 200);
}
END_TEST

Suite *suite_trace_again(void)
{
	Suite *s = suite_create("trace_again");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, what_was_taken_last_is_taken_and_released_in_turn);
	tcase_add_test(tc, a_full_byte_is_64_events);
	tcase_add_test(tc, of_nothing_there_is_no_again);
	tcase_add_test(tc, a_trace_of_the_version_before_is_read);
	tcase_add_test(tc, a_burst_goes_where_it_interrupted_the_again);
	tcase_add_test(tc, a_run_reads_the_same_with_and_without);
	suite_add_tcase(s, tc);
	return s;
}

/* SPDX-License-Identifier: MIT */
/*
 * The merge: which event of which thread comes when.
 */
#include "suites.h"
#include "trace_story.h"

START_TEST(a_lock_goes_from_thread_to_thread_by_its_numbers)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);

	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(3));
	PUT(a, RELEASE, NONE);
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(7));
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(b, RELEASE, NONE);
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(5));
	PUT(b, RELEASE, NONE);
	assert_story(w, "2 ACQUIRE o1 #1\n"
			"2 RELEASE o1 #2\n"
			"1 ACQUIRE o1 #3\n"
			"1 RELEASE o1 #4\n"
			"2 ACQUIRE o1 #5\n"
			"2 RELEASE o1 #6\n"
			"2 end\n"
			"1 ACQUIRE o1 #7\n"
			"1 end\n");
}
END_TEST

START_TEST(an_object_is_numbered_from_its_first)
{
	struct writer *w = stage_new();
	struct written *defs = writer_chunk(w, CMSHIM_CHUNK_DEFS, 1, 1, 1);
	struct written *a = stage_log(w, 1, 0);

	define_object(defs, 1000000, CMSHIM_MUTEX, 41);
	PUT(a, ACQUIRE, OBJECT(1000000), STACK(0), SEQ(41));
	PUT(a, RELEASE, NONE);
	assert_story(w, "1 ACQUIRE o7 #41\n1 RELEASE o7 #42\n1 end\n");
}
END_TEST

START_TEST(readers_of_an_rwlock_hold_it_together)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);

	PUT(a, ACQUIRE_SHARED, OBJECT(3), STACK(0), SEQ(2));
	PUT(a, RELEASE_SHARED, SEQ(3));
	PUT(a, ACQUIRE, OBJECT(3), STACK(0), SEQ(5));
	PUT(b, ACQUIRE_SHARED, OBJECT(3), STACK(0), SEQ(1));
	PUT(b, RELEASE_SHARED, SEQ(4));
	assert_story(w, "2 ACQUIRE_SHARED o3 #1\n"
			"1 ACQUIRE_SHARED o3 #2\n"
			"1 RELEASE_SHARED o3 #3\n"
			"2 RELEASE_SHARED o3 #4\n"
			"2 end\n"
			"1 ACQUIRE o3 #5\n"
			"1 end\n");
}
END_TEST

START_TEST(a_signal_is_over_after_the_last_number_it_met)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);

	PUT(a, SIGNAL, OBJECT(4), STACK(0), SEQ(1));
	PUT(a, SIGNALLED, OBJECT(4), END(3));
	PUT(b, WAIT, OBJECT(4), STACK(0), SEQ(2), TIME(1), ARG(1));
	PUT(b, WAKE, OBJECT(4), TIME(1));
	assert_story(w, "1 SIGNAL o4 #1\n"
			"2 WAIT o4 #2\n"
			"2 WAKE o4 #3\n"
			"2 end\n"
			"1 SIGNALLED o4\n"
			"1 end\n");
}
END_TEST

START_TEST(a_read_comes_after_the_write_it_saw)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);
	struct story s;

	/* Writes 1 (b), 2 (a), 3 (b), the last while a's read is inside. */
	PUT(a, MAP_READ, OBJECT(6), SEQ(1));
	PUT(a, MAP_WRITE, OBJECT(6), SEQ(2));
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(2));
	PUT(a, MAP_READ, OBJECT(6), END(3));
	PUT(b, MAP_WRITE, OBJECT(6), SEQ(1));
	PUT(b, MAP_WRITE, OBJECT(6), SEQ(3), FLAGS(CMSHIM_OVERLAP));
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));

	s = story_of(w);
	ck_assert_uint_eq(s.info->n_gaps, 0);
	ck_assert(!s.info->damaged);
	ck_assert_str_eq(s.text, "2 MAP_WRITE o6 #1\n"
				 "1 MAP_READ o6 #1\n"
				 "1 MAP_WRITE o6 #2\n"
				 "2 MAP_WRITE o6 #3\n"
				 "2 ACQUIRE o1 #1\n"
				 "2 end\n"
				 "1 ACQUIRE o1 #2\n"
				 "1 MAP_READ o6 #2\n"
				 "1 end\n");
	ck_assert_uint_eq(story_find(&s, CMSHIM_OP_MAP_READ, 1)->end, 3);
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(a_thread_starts_after_its_creation)
{
	struct writer *w = stage_new();
	struct written *b = stage_log(w, 2, 0), *a = stage_log(w, 1, 0);
	struct story s;

	PUT(b, START, TIME(1), ARG(1));
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(2));
	PUT(a, RELEASE, NONE);
	PUT(a, CREATE, STACK(0), ARG(3));

	/* Of thread 2 there is no CREATE: it need not wait for thread 1,
	   whose log it holds up. */
	s = story_of(w);
	ck_assert_uint_eq(s.info->n_gaps, 0);
	ck_assert_str_eq(s.text, "2 START\n2 ACQUIRE o1 #1\n2 end\n"
				 "1 ACQUIRE o1 #2\n1 RELEASE o1 #3\n"
				 "1 CREATE\n1 end\n");
	story_close(&s);
	writer_free(w);

	w = stage_new();
	b = stage_log(w, 2, 0);
	a = stage_log(w, 1, 0);
	PUT(b, START, TIME(1), ARG(1));
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(a, CREATE, STACK(0), ARG(2));
	PUT(a, RELEASE, NONE);
	s = story_of(w);
	ck_assert_str_eq(s.text, "1 ACQUIRE o1 #1\n1 CREATE\n1 RELEASE o1 #2\n"
				 "1 end\n2 START\n2 end\n");
	ck_assert_uint_eq(s.events[1].other, 2);
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(a_join_comes_after_the_last_record_of_the_joined)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);

	PUT(a, CREATE, STACK(0), ARG(2));
	PUT(a, JOIN, STACK(0), ARG(2));
	PUT(b, START, TIME(1), ARG(1));
	PUT(b, EXIT, TIME(1));
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(1)); /* a destructor */
	assert_story(w, "1 CREATE\n"
			"2 START\n"
			"2 EXIT\n"
			"2 ACQUIRE o1 #1\n"
			"2 end\n"
			"1 JOIN\n"
			"1 end\n");
}
END_TEST

START_TEST(one_stream_may_serve_threads_one_after_the_other)
{
	struct writer *w = stage_new();
	struct written *a, *b;

	/* Thread 3 was handed the context of thread 2, which it joined. */
	a = writer_chunk(w, CMSHIM_CHUNK_EVENTS, 2, 0, 2);
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	a = writer_chunk(w, CMSHIM_CHUNK_EVENTS, 2, 1, 2);
	PUT(a, RELEASE, SEQ(2));
	PUT(a, EXIT, TIME(1));
	b = writer_chunk(w, CMSHIM_CHUNK_EVENTS, 2, 2, 3);
	PUT(b, JOIN, STACK(0), ARG(2));
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(3));
	PUT(b, RELEASE, NONE);
	assert_story(w, "2 ACQUIRE o1 #1\n"
			"2 RELEASE o1 #2\n"
			"2 EXIT\n"
			"2 end\n"
			"3 JOIN\n"
			"3 ACQUIRE o1 #3\n"
			"3 RELEASE o1 #4\n"
			"3 end\n");
}
END_TEST

START_TEST(chunks_are_in_the_order_of_their_indices)
{
	struct writer *w = stage_new();
	struct written *b = stage_log(w, 1, 1), *a = stage_log(w, 1, 0);

	b->aligned = true; /* recycled: it lies before */
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(b, HELD, OBJECT(1), ARG(0));
	PUT(b, RELEASE, SEQ(2));
	assert_story(w, "1 ACQUIRE o1 #1\n1 RELEASE o1 #2\n1 end\n");
}
END_TEST

/* Nothing says whose it is before its CREATE, and then it has begun.  That it
   is known the next time must not change the order. */
START_TEST(a_thread_of_unknown_parent_waits_for_nobody)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 5, 0);

	define_thread(w->chunks[0], 5, 0);
	PUT(b, START, TIME(1));
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(b, RELEASE, NONE);
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(3));
	PUT(a, CREATE, STACK(0), ARG(5));
	assert_story(w, "5 START\n"
			"5 ACQUIRE o1 #1\n"
			"5 RELEASE o1 #2\n"
			"5 end\n"
			"1 ACQUIRE o1 #3\n"
			"1 CREATE\n"
			"1 end\n");
}
END_TEST

/* A handler's events: stream 9 of thread 1, at byte `at` of its chunk. */
static struct written *burst(struct writer *w, uint64_t at)
{
	struct written *c = writer_chunk(w, CMSHIM_CHUNK_EVENTS, 9, 0, 1);

	c->head.flags = CMSHIM_CHUNK_NESTED;
	PUT(c, NESTED, ARG(0), KEY(1), END(at));
	return c;
}

START_TEST(a_burst_is_delivered_where_it_interrupted)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *n;

	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	n = burst(w, written_at(a)); /* while the release was recorded */
	PUT(a, RELEASE, NONE);
	PUT(a, EXIT, TIME(1));
	PUT(n, ACQUIRE, OBJECT(2), STACK(0), SEQ(1));
	PUT(n, RELEASE, NONE);
	/* The lock was still held: the burst goes first. */
	assert_story(w, "1 ACQUIRE o1 #1\n"
			"1 ACQUIRE o2 #1\n"
			"1 RELEASE o2 #2\n"
			"1 RELEASE o1 #2\n"
			"1 EXIT\n"
			"1 end\n");

	w = stage_new();
	a = stage_log(w, 1, 0);
	n = burst(w, written_at(a)); /* while the acquire was recorded */
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(a, RELEASE, NONE);
	PUT(n, ACQUIRE, OBJECT(2), STACK(0), SEQ(1));
	PUT(n, RELEASE, NONE);
	assert_story(w, "1 ACQUIRE o1 #1\n"
			"1 ACQUIRE o2 #1\n"
			"1 RELEASE o2 #2\n"
			"1 RELEASE o1 #2\n"
			"1 end\n");
}
END_TEST

START_TEST(numbers_decide_between_burst_and_interrupted_record)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *n = burst(w, written_at(a));

	/* A post would go last, but its number is the first ... */
	PUT(a, POST, OBJECT(5), STACK(0), SEQ(1));
	PUT(a, EXIT, TIME(1));
	PUT(n, POST, OBJECT(5), STACK(0), SEQ(2));
	assert_story(w, "1 POST o5 #1\n1 POST o5 #2\n1 EXIT\n1 end\n");

	/* ... and a take would go first, but its number is the last. */
	w = stage_new();
	a = stage_log(w, 1, 0);
	n = burst(w, written_at(a));
	PUT(a, TAKE, OBJECT(5), STACK(0), SEQ(2));
	PUT(a, EXIT, TIME(1));
	PUT(n, POST, OBJECT(5), STACK(0), SEQ(1));
	assert_story(w, "1 POST o5 #1\n1 TAKE o5 #2\n1 EXIT\n1 end\n");
}
END_TEST

START_TEST(bursts_of_one_stream_go_to_their_own_places)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *n = burst(w, written_at(a));
	struct written *b;

	PUT(n, ACQUIRE, OBJECT(2), STACK(0), SEQ(1));
	PUT(n, RELEASE, NONE);
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(a, RELEASE, NONE);
	b = stage_log(w, 1, 1);
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(3));
	PUT(n, NESTED, ARG(1), KEY(1), END(written_at(b)));
	PUT(n, ACQUIRE, OBJECT(2), STACK(0));
	PUT(n, RELEASE, NONE);
	assert_story(w, "1 ACQUIRE o1 #1\n"
			"1 ACQUIRE o2 #1\n"
			"1 RELEASE o2 #2\n"
			"1 RELEASE o1 #2\n"
			"1 ACQUIRE o1 #3\n"
			"1 ACQUIRE o2 #3\n"
			"1 RELEASE o2 #4\n"
			"1 end\n");
}
END_TEST

START_TEST(a_burst_at_the_end_of_a_chunk_comes_before_the_next_one)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *n;

	/* The interrupted record did not fit any more. */
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	n = burst(w, written_at(a));
	PUT(n, POST, OBJECT(5), STACK(0), SEQ(1));
	a = stage_log(w, 1, 1);
	PUT(a, RELEASE, SEQ(2));
	PUT(a, EXIT, TIME(1));
	assert_story(w, "1 ACQUIRE o1 #1\n1 POST o5 #1\n1 RELEASE o1 #2\n"
			"1 EXIT\n1 end\n");

	/* The process was killed in the handler: there is no such record. */
	w = stage_new();
	a = stage_log(w, 1, 0);
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	n = burst(w, written_at(a));
	PUT(n, POST, OBJECT(5), STACK(0), SEQ(1));
	assert_story(w, "1 ACQUIRE o1 #1\n1 POST o5 #1\n1 end\n");
}
END_TEST

START_TEST(threads_that_never_meet_advance_together)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);
	struct story s;

	for (int i = 0; i < 20000; i++) {
		PUT(a, DETACH, ARG(3));
		PUT(b, DETACH, ARG(3));
	}
	s = story_of(w);
	for (size_t i = 0, one = 0, two = 0; i < s.n; i++) {
		if (s.events[i].op != CMSHIM_OP_DETACH)
			continue;
		one += s.events[i].thread == 1;
		two += s.events[i].thread == 2;
		ck_assert_uint_le(one, two + 4096);
		ck_assert_uint_le(two, one + 4096);
	}
	story_close(&s);
	writer_free(w);
}
END_TEST

Suite *suite_trace_order(void)
{
	Suite *s = suite_create("trace_order");
	TCase *tc = tcase_create("locks");

	tcase_add_test(tc, a_lock_goes_from_thread_to_thread_by_its_numbers);
	tcase_add_test(tc, an_object_is_numbered_from_its_first);
	tcase_add_test(tc, readers_of_an_rwlock_hold_it_together);
	tcase_add_test(tc, a_signal_is_over_after_the_last_number_it_met);
	tcase_add_test(tc, a_read_comes_after_the_write_it_saw);
	tcase_add_test(tc, threads_that_never_meet_advance_together);
	suite_add_tcase(s, tc);

	tc = tcase_create("threads and chunks");
	tcase_add_test(tc, a_thread_starts_after_its_creation);
	tcase_add_test(tc, a_join_comes_after_the_last_record_of_the_joined);
	tcase_add_test(tc, one_stream_may_serve_threads_one_after_the_other);
	tcase_add_test(tc, chunks_are_in_the_order_of_their_indices);
	tcase_add_test(tc, a_thread_of_unknown_parent_waits_for_nobody);
	tcase_add_test(tc, a_burst_is_delivered_where_it_interrupted);
	tcase_add_test(tc, numbers_decide_between_burst_and_interrupted_record);
	tcase_add_test(tc,
		       a_burst_at_the_end_of_a_chunk_comes_before_the_next_one);
	tcase_add_test(tc, bursts_of_one_stream_go_to_their_own_places);
	suite_add_tcase(s, tc);
	return s;
}

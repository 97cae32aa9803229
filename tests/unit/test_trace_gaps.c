/* SPDX-License-Identifier: MIT */
/*
 * What is missing: told where it is missing, and not told where nothing is.
 */
#include "suites.h"
#include "trace_story.h"

START_TEST(held_counts_only_where_the_chunks_before_are_missing)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 3);
	struct story s;

	PUT(a, HELD, OBJECT(1), ARG(0));
	PUT(a, HELD, OBJECT(3), ARG(1));
	PUT(a, RELEASE_SHARED, SEQ(12));
	PUT(a, RELEASE, SEQ(40));
	a = stage_log(w, 1, 4);
	PUT(a, HELD, OBJECT(2), ARG(0));
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(41));
	PUT(a, RELEASE, NONE);

	s = story_of(w);
	ck_assert(!s.info->damaged);
	ck_assert_str_eq(s.text, "1 HELD o1\n"
				 "1 HELD o3\n"
				 "gap o3\n"
				 "1 RELEASE_SHARED o3 #12\n"
				 "gap o1\n"
				 "1 RELEASE o1 #40\n"
				 "1 ACQUIRE o1 #41\n"
				 "1 RELEASE o1 #42\n"
				 "1 end\n");
	ck_assert(!s.events[0].shared && s.events[1].shared);
	ck_assert_uint_eq(s.info->n_gaps, 2);
	ck_assert_uint_eq(s.info->n_events, 4);
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(a_gap_is_told_before_what_follows_it)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);
	struct story s;

	/* Numbers 3 and 4 are nowhere, and all threads ended properly. */
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(a, RELEASE, NONE);
	PUT(a, EXIT, TIME(1));
	PUT(b, ACQUIRE, OBJECT(2), STACK(0), SEQ(1));
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(5));
	PUT(b, RELEASE, NONE);
	PUT(b, EXIT, TIME(1));

	s = story_of(w);
	ck_assert(!s.info->damaged);
	ck_assert_uint_eq(s.info->n_gaps, 1);
	ck_assert_str_eq(s.text, "1 ACQUIRE o1 #1\n"
				 "1 RELEASE o1 #2\n"
				 "1 EXIT\n"
				 "1 end\n"
				 "2 ACQUIRE o2 #1\n"
				 "gap o1\n"
				 "2 ACQUIRE o1 #5\n"
				 "2 RELEASE o1 #6\n"
				 "2 EXIT\n"
				 "2 end\n");
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(what_is_really_missing_is_given_up_first)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);
	struct story s;

	/* Thread 1 waits for thread 2, which waits for what is lost. */
	w->header.lost[CMSHIM_LOST_EVENTS] = 2;
	PUT(a, ACQUIRE, OBJECT(2), STACK(0), SEQ(3));
	PUT(b, ACQUIRE, OBJECT(1), STACK(0), SEQ(3));
	PUT(b, ACQUIRE, OBJECT(2), STACK(0), SEQ(1));
	PUT(b, RELEASE, NONE);

	s = story_of(w);
	ck_assert_uint_eq(s.info->n_gaps, 1);
	ck_assert_str_eq(s.text, "gap o1\n"
				 "2 ACQUIRE o1 #3\n"
				 "2 ACQUIRE o2 #1\n"
				 "2 RELEASE o2 #2\n"
				 "2 end\n"
				 "1 ACQUIRE o2 #3\n"
				 "1 end\n");
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(the_unfinished_last_event_of_a_killed_thread_is_no_gap)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);

	/* Thread 1 was killed inside write 1 and before it was to be told
	   that it has got lock 1, say; its log just ends. */
	w->header.state = CMSHIM_RECORDING;
	PUT(a, REQUEST, OBJECT(1), STACK(0), TIME(1));
	PUT(b, MAP_WRITE, OBJECT(6), SEQ(2), FLAGS(CMSHIM_OVERLAP));
	PUT(b, REQUEST, OBJECT(1), STACK(0), TIME(1));
	assert_story(w, "1 REQUEST o1\n"
			"1 end\n"
			"2 MAP_WRITE o6 #2\n"
			"2 REQUEST o1\n"
			"2 end\n");
}
END_TEST

START_TEST(one_thread_has_one_unfinished_event_only)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);
	struct story s;

	w->header.state = CMSHIM_RECORDING;
	PUT(a, REQUEST, OBJECT(1), STACK(0), TIME(1));
	PUT(b, MAP_WRITE, OBJECT(6), SEQ(2));
	PUT(b, ACQUIRE_SHARED, OBJECT(3), STACK(0), SEQ(2));
	s = story_of(w);
	ck_assert_uint_eq(s.info->n_gaps, 1);
	story_close(&s);
	writer_free(w);
}
END_TEST

START_TEST(a_number_twice_beside_a_foreign_release_is_a_gap)
{
	struct writer *w = stage_new();
	struct written *a = stage_log(w, 1, 0), *b = stage_log(w, 2, 0);
	struct story s;

	/* Both took 2: the owner did not see the other's count. */
	PUT(b, RELEASE, OBJECT(1), SEQ(2), FLAGS(CMSHIM_FOREIGN));
	PUT(a, ACQUIRE, OBJECT(1), STACK(0), SEQ(1));
	PUT(a, RELEASE, NONE);
	PUT(a, ACQUIRE, OBJECT(1), STACK(0));
	s = story_of(w);
	ck_assert(!s.info->damaged);
	ck_assert_uint_eq(s.info->n_gaps, 1);
	ck_assert_uint_eq(s.info->n_events, 4);
	story_close(&s);
	writer_free(w);
}
END_TEST

Suite *suite_trace_gaps(void)
{
	Suite *s = suite_create("trace_gaps");
	TCase *tc;

	tc = tcase_create("all");
	tcase_add_test(tc,
		       held_counts_only_where_the_chunks_before_are_missing);
	tcase_add_test(tc, a_gap_is_told_before_what_follows_it);
	tcase_add_test(tc, what_is_really_missing_is_given_up_first);
	tcase_add_test(tc,
		       the_unfinished_last_event_of_a_killed_thread_is_no_gap);
	tcase_add_test(tc, one_thread_has_one_unfinished_event_only);
	tcase_add_test(tc, a_number_twice_beside_a_foreign_release_is_a_gap);
	suite_add_tcase(s, tc);
	return s;
}

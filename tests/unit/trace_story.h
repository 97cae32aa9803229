/* SPDX-License-Identifier: MIT */
/*
 * What the reader makes of a written trace, as text to compare:
 *
 *	1 ACQUIRE o1 #1
 *	1 RELEASE o1 #2
 *	1 end
 *
 * is thread, op, object, number; and an EVENT_GAP is "gap o1".
 */
#ifndef TESTS_TRACE_STORY_H
#define TESTS_TRACE_STORY_H

#include "trace/trace.h"
#include "trace_writer.h"

struct story {
	struct trace *trace; /* open, and read to its end */
	const struct trace_info *info;
	struct event *events;
	size_t n, room;
	char *text;
};

/* Reads all; fails the test if the trace cannot be opened. */
struct story story_of(struct writer *w);
struct story story_of_bytes(const void *bytes, size_t size);
void story_close(struct story *story);

/* It is whole and reads so; frees the writer. */
void assert_story(struct writer *w, const char *expected);

/* The nth event with this op, from 0; fails the test if there is none. */
const struct event *story_find(const struct story *story, int op, size_t nth);

/* A writer with the definitions of two mutexes (1, 2), an rwlock (3), a
   condition (4), a semaphore (5), a map (6), threads 1 to 4, made by 1. */
struct writer *stage_new(void);

/* Chunk `index` of thread's stream, which has the thread's number. */
struct written *stage_log(struct writer *w, uint32_t thread, uint32_t index);

#endif

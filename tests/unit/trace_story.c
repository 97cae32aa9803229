/* SPDX-License-Identifier: MIT */
/*
 * What the reader makes of a written trace: see trace_story.h.
 */
#include "trace_story.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static const char *op_name(int op)
{
	switch (op) {
#define X(name, number, fields, numbered, text) \
	case number:                            \
		return #name;
		CMSHIM_OPS(X)
#undef X
	default:
		return "?";
	}
}

static void tell(FILE *out, const struct event *ev)
{
	if (ev->op == EVENT_GAP) {
		fprintf(out, "gap o%u\n", ev->object);
		return;
	}
	if (ev->op == EVENT_THREAD_END) {
		fprintf(out, "%u end\n", ev->thread);
		return;
	}
	fprintf(out, "%u %s", ev->thread, op_name(ev->op));
	if (ev->object)
		fprintf(out, " o%u", ev->object);
	if (ev->seq)
		fprintf(out, " #%llu", (unsigned long long)ev->seq);
	fputc('\n', out);
}

static struct story read_all(struct trace *trace)
{
	struct story s = { .trace = trace, .info = trace_info(trace) };
	size_t size;
	FILE *out = open_memstream(&s.text, &size);
	struct event ev;

	ck_assert_ptr_nonnull(out);
	while (trace_next(trace, &ev) > 0) {
		tell(out, &ev);
		if (s.n == s.room) {
			s.room = s.room * 2 + 64;
			s.events =
				realloc(s.events, s.room * sizeof(*s.events));
			ck_assert_ptr_nonnull(s.events);
		}
		s.events[s.n++] = ev;
	}
	fclose(out);
	return s;
}

/* Whoever reads it again reads the same. */
static void read_again(const struct story *s)
{
	struct trace *again = trace_again(s->trace);
	const struct trace_info *info = trace_info(again);
	struct event ev;
	size_t n = 0;

	for (; trace_next(again, &ev) > 0; n++) {
		ck_assert_uint_lt(n, s->n);
		ck_assert_mem_eq(&ev, &s->events[n], sizeof(ev));
	}
	ck_assert_uint_eq(n, s->n);
	ck_assert_uint_eq(info->n_events, s->info->n_events);
	ck_assert_uint_eq(info->n_lost, s->info->n_lost);
	ck_assert_uint_eq(info->n_gaps, s->info->n_gaps);
	ck_assert_uint_eq(info->n_bytes, s->info->n_bytes);
	ck_assert_uint_eq(info->duration_ns, s->info->duration_ns);
	ck_assert_int_eq(info->damaged, s->info->damaged);
	ck_assert_uint_eq(info->damage_at, s->info->damage_at);
	trace_close(again);
}

struct story story_of_bytes(const void *bytes, size_t size)
{
	struct trace *trace = NULL;
	const char *why = NULL;
	int result = trace_open_memory(&trace, bytes, size, &why);
	struct story s;

	ck_assert_msg(result == 0, "not opened: %s", why ? why : "(null)");
	s = read_all(trace);
	read_again(&s);
	return s;
}

struct story story_of(struct writer *w)
{
	size_t size;
	const uint8_t *bytes = writer_bytes(w, &size);

	return story_of_bytes(bytes, size);
}

void story_close(struct story *story)
{
	trace_close(story->trace);
	free(story->events);
	free(story->text);
}

void assert_story(struct writer *w, const char *expected)
{
	struct story s = story_of(w);

	ck_assert_msg(!s.info->damaged, "damaged: %s",
		      s.info->damage ? s.info->damage : "");
	ck_assert_uint_eq(s.info->n_gaps, 0);
	ck_assert_str_eq(s.text, expected);
	story_close(&s);
	writer_free(w);
}

const struct event *story_find(const struct story *story, int op, size_t nth)
{
	for (size_t i = 0; i < story->n; i++) {
		if (story->events[i].op == op && nth-- == 0)
			return &story->events[i];
	}
	ck_abort_msg("no such %s in:\n%s", op_name(op), story->text);
	return NULL;
}

struct writer *stage_new(void)
{
	struct writer *w = writer_new();
	struct written *defs = writer_chunk(w, CMSHIM_CHUNK_DEFS, 1, 0, 1);

	define_object(defs, 1, CMSHIM_MUTEX, 1);
	define_object(defs, 2, CMSHIM_MUTEX, 1);
	define_object(defs, 3, CMSHIM_RWLOCK, 1);
	define_object(defs, 4, CMSHIM_CONDITION, 1);
	define_object(defs, 5, CMSHIM_SEMAPHORE, 1);
	define_object(defs, 6, CMSHIM_MAP, 1);
	for (uint64_t thread = 1; thread <= 4; thread++)
		define_thread(defs, thread, thread > 1);
	return w;
}

struct written *stage_log(struct writer *w, uint32_t thread, uint32_t index)
{
	return writer_chunk(w, CMSHIM_CHUNK_EVENTS, thread, index, thread);
}

/* SPDX-License-Identifier: MIT */
/*
 * Logs as they stand: running, in the queue, waiting in a heap, at the end of
 * a chunk or of their own.  When an event's turn has come is for the merge.
 */
#include "trace/trace_impl.h"

#include <stdlib.h>

/*
 * Pairing heaps ("The pairing heap: a new form of self-adjusting heap",
 * 1986): linked through the logs, so that a thousand threads may wait for one
 * lock and nothing is allocated.
 */
static struct log *heap_meld(struct log *a, struct log *b)
{
	struct log *above = a->need <= b->need ? a : b;
	struct log *below = above == a ? b : a;

	below->sibling = above->child;
	above->child = below;
	return above;
}

void heap_push(struct log **heap, struct log *log)
{
	log->child = log->sibling = NULL;
	*heap = *heap ? heap_meld(*heap, log) : log;
}

struct log *heap_pop(struct log **heap)
{
	struct log *top = *heap, *pairs = NULL, *left = top->child, *rest;

	while (left) {
		struct log *a = left, *b = a->sibling;

		left = b ? b->sibling : NULL;
		if (b)
			a = heap_meld(a, b);
		a->sibling = pairs;
		pairs = a;
	}
	for (*heap = NULL; pairs; pairs = rest) {
		rest = pairs->sibling;
		pairs->sibling = NULL;
		*heap = *heap ? heap_meld(*heap, pairs) : pairs;
	}
	return top;
}

void log_ready(struct trace *t, struct log *log)
{
	log->state = LOG_READY;
	log->next = NULL;
	if (t->last)
		t->last->next = log;
	else
		t->first = log;
	t->last = log;
}

struct log *queue_pop(struct trace *t)
{
	struct log *log = t->first;

	if (log) {
		t->first = log->next;
		if (!t->first)
			t->last = NULL;
	}
	return log;
}

void log_wait(struct trace *t, struct log *log, enum log_state state)
{
	log->state = state;
	t->running = NULL;
	if (log->burst_of)
		burst_waits(t, log);
}

/* How many times as many holds a sample of the chunk stands for as one of those
   that are densest. */
static uint16_t weight_of(const struct trace *t, const struct chunk *c)
{
	uint32_t densest = t->header.hold_period;
	uint32_t weight = densest ? c->hold_period / densest : 1;

	if (!weight)
		return 1; /* the chunk says nothing, or every hold is timed */
	return weight < UINT16_MAX ? (uint16_t)weight : UINT16_MAX;
}

static void chunk_open(struct trace *t, struct log *log)
{
	const struct chunk *c = &t->chunks[t->order[log->chunk]];
	const struct chunk *before =
		c->ordinal ? &t->chunks[t->order[log->chunk - 1]] : NULL;
	uint64_t now;

	log->restate = !before || log->dropped || before->lost ||
		       before->stream != c->stream ||
		       before->index + 1 != c->index;
	if (log->restate)
		log->n_held = 0;
	log->dropped = false;
	log->reading = true;
	log->ordinal = c->ordinal;
	log->start = c->at;
	log->p = c->at + sizeof(struct cmshim_chunk);
	log->end = c->at + c->bytes;
	log->weight = weight_of(t, c);
	if (log->p > log->end)
		log->p = log->end;
	log->ticks = c->ticks;
	now = clock_time_ns(&t->clock, c->ticks);
	if (now > t->threads[log->thread].time_ns && now <= t->info.duration_ns)
		t->threads[log->thread].time_ns = now;
	log->serial = t->order[log->chunk] + 1;
	log->taken.op = CMSHIM_OP_NONE;
	log->again_done = log->again_left = 0;
	if (log->own_numbers)
		table_clear(log->own_numbers);
	log->stream = &t->streams[c->stream];
	bursts_release(t, log, position_of(c->ordinal, 0, 0));
}

static void chunk_close(struct trace *t, struct log *log)
{
	const struct chunk *c = &t->chunks[t->order[log->chunk]];

	if (c->bytes > sizeof(struct cmshim_chunk))
		t->info.n_bytes += (uint64_t)(log->p - log->start) -
				   sizeof(struct cmshim_chunk);
	t->bytes_done += c->bytes;
	if (__builtin_add_overflow(t->lost_after, c->lost, &t->lost_after))
		t->lost_after = UINT64_MAX;
	log->reading = log->interrupted = false;
	log->chunk++;
	trace_unload(t, c->at, c->at + c->bytes);
}

/* A log has come to its end; true if its thread has, with an event of it. */
static bool log_end(struct trace *t, struct log *log, struct event *ev)
{
	struct thread *thread = &t->threads[log->thread];
	struct log *next;

	log->state = LOG_ENDED;
	t->running = NULL;
	bursts_release(t, log, UINT64_MAX);
	burst_over(t, log);
	if (!thread->exited) {
		thread->unfinished++;
		t->n_unfinished++;
	}
	if (--thread->open_logs)
		return false;

	for (struct log *l = thread->joiners; l; l = next) {
		next = l->next;
		if (l->state == LOG_JOIN)
			log_ready(t, l);
	}
	for (struct log *l = thread->children; l; l = l->next_child) {
		if (l->state == LOG_START)
			log_ready(t, l);
	}
	*ev = (struct event){
		.op = EVENT_THREAD_END,
		.thread = log->thread,
		.index = thread->n_events,
	};
	return true;
}

bool chunk_over(struct trace *t, struct log *log, struct event *ev)
{
	if (log->reading)
		chunk_close(t, log);
	if (log->chunk == log->chunks_end)
		return log_end(t, log, ev);
	chunk_open(t, log);
	return false;
}

void merge_begin(struct trace *t)
{
	t->running = t->first = t->last = NULL;
	t->n_unfinished = 0;
	t->hopeless = t->moved = false;
	t->moved_checks = 0;
	t->lost_after = t->bytes_done = t->n_events = 0;
	for (size_t i = 1; i < t->info.n_objects; i++)
		t->lines[i].next = t->lines[i].first;
	t->threads =
		arena_alloc(t->mem, t->info.n_threads * sizeof(*t->threads));
	for (size_t i = 0; i < t->info.n_threads; i++)
		t->threads[i].parent = t->parents[i];
	t->stall_work = (uint64_t)t->size / 4 + ((uint64_t)1 << 20);
	t->look_ahead = 2 * (uint64_t)t->size + ((uint64_t)1 << 20);

	/* Bursts are tied to their places before anybody can pass these. */
	for (int nested = 1; nested >= 0; nested--) {
		for (size_t i = 0; i < t->n_logs; i++) {
			struct log *log = &t->logs[i];

			if (log->nested != nested)
				continue;
			log->stop = NEVER;
			if (!nested)
				t->threads[log->thread].log = (uint32_t)i + 1;
			t->threads[log->thread].open_logs++;
			log_ready(t, log);
		}
	}
}

void merge_end(struct trace *t)
{
	for (size_t i = 0; i < t->n_logs; i++) {
		store_free(t->logs[i].held);
		store_free(t->logs[i].calls);
		table_free(t->logs[i].own_numbers);
	}
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* The counts that are complete only now. */
void merge_finish(struct trace *t)
{
	const uint64_t *lost = t->header.lost;
	uint64_t events = lost[CMSHIM_LOST_EVENTS];

	t->info.n_events = t->n_events;
	/* The header counts what the chunks count one by one; a killed
	   process may have got to one of them only. */
	if (t->lost_after > events)
		events = t->lost_after;
	events = sum(events, lost[CMSHIM_LOST_OBJECTS]);
	t->info.n_lost = sum(events, lost[CMSHIM_LOST_NESTED]);

	for (size_t i = 0; i < t->info.n_threads; i++) {
		if (t->threads[i].time_ns > t->info.duration_ns)
			t->info.duration_ns = t->threads[i].time_ns;
	}
}

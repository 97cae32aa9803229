/* SPDX-License-Identifier: MIT */
/*
 * A record made an event: what the recorder left out, because the reader can
 * know it, is put back.  For that each log remembers what its thread holds,
 * waits for and has open.
 */
#include "trace/trace_decode.h"

#include <stdlib.h>
#include <string.h>

/* Of these lists so much at most is searched and kept; the recorder's own are
   shorter.  A file could take a million locks and release the first first. */
enum { HELD_SEARCHED = 1024, CALLS_NESTED = 1024 };

enum {
#define X(name, number, fields, numbered, text) \
	FIELDS_##name = (fields), NUMBERED_##name = (numbered),
	CMSHIM_OPS(X)
#undef X
};

/* Fields and numbering are trace.h's; a shape is for what is not numbered. */
#define ROW(op, shape_, gives_up_)                                        \
	[CMSHIM_OP_##op] = {                                              \
		.fields = FIELDS_##op,                                    \
		.shape = NUMBERED_##op ? SHAPE_NUMBER : (shape_),         \
		.object = NUMBERED_##op || (FIELDS_##op & CMSHIM_OBJECT), \
		.gives_up = (gives_up_),                                  \
	}

/* One of version 2 that is another op with a flag. */
#define ROW_AS(op, as_, flags_)                                     \
	[CMSHIM_OP_##op] = {                                        \
		.fields = FIELDS_##op,                              \
		.flags = CMSHIM_##flags_,                           \
		.as = CMSHIM_OP_##as_,                              \
		.shape = NUMBERED_##op ? SHAPE_NUMBER : SHAPE_READ, \
		.object = true,                                     \
	}

const struct op_row op_rows[MAX_OPS] = {
	ROW(ACQUIRE, SHAPE_PLAIN, false),
	ROW(ACQUIRE_SHARED, SHAPE_PLAIN, false),
	ROW(RELEASE, SHAPE_PLAIN, true),
	ROW(RELEASE_SHARED, SHAPE_PLAIN, true),
	ROW(RELEASE_FAILED, SHAPE_PLAIN, false),
	ROW(REQUEST, SHAPE_PLAIN, true),
	ROW(REQUEST_SHARED, SHAPE_PLAIN, true),
	ROW(REQUEST_FAILED, SHAPE_PLAIN, false),
	ROW(WAIT, SHAPE_PLAIN, true),
	ROW(WAKE, SHAPE_PLAIN, false),
	ROW(SIGNAL, SHAPE_PLAIN, true),
	ROW(BROADCAST, SHAPE_PLAIN, true),
	ROW(SIGNALLED, SHAPE_END, false),
	ROW(POST, SHAPE_PLAIN, true),
	ROW(TAKE, SHAPE_PLAIN, false),
	ROW(ARRIVE, SHAPE_PLAIN, true),
	ROW(DEPART, SHAPE_PLAIN, false),
	ROW(ONCE_RAN, SHAPE_PLAIN, true),
	ROW(ONCE_RETURN, SHAPE_PLAIN, false),
	ROW(CREATE, SHAPE_PLAIN, true),
	ROW(CREATE_FAILED, SHAPE_PLAIN, false),
	ROW(START, SHAPE_START, false),
	ROW(EXIT, SHAPE_PLAIN, true),
	ROW(JOIN, SHAPE_JOIN, false),
	ROW(DETACH, SHAPE_PLAIN, false),
	ROW(FORK, SHAPE_PLAIN, true),
	ROW(FORKED, SHAPE_PLAIN, false),
	ROW(INIT, SHAPE_PLAIN, false),
	ROW(DESTROY, SHAPE_PLAIN, true),
	ROW(CONSISTENT, SHAPE_PLAIN, false),
	ROW(MAP_READ, SHAPE_READ, false),
	ROW(MAP_WRITE, SHAPE_PLAIN, false),
	ROW(MAP_ENTER, SHAPE_ENTER, true),
	ROW(MAP_EXIT, SHAPE_END, false),
	ROW(MAP_NEXT, SHAPE_READ, false),
	ROW(MAP_NEW, SHAPE_PLAIN, false),
	ROW(MAP_FREE, SHAPE_PLAIN, true),
	ROW(HAPPENS_BEFORE, SHAPE_PLAIN, true),
	ROW(HAPPENS_AFTER, SHAPE_PLAIN, false),
	ROW(HANDLER_ENTER, SHAPE_PLAIN, false),
	ROW(HANDLER_EXIT, SHAPE_PLAIN, false),
	ROW(BLOCKED, SHAPE_PLAIN, false),
	ROW(FREED, SHAPE_PLAIN, true),
	ROW(CALLBACK_ENTER, SHAPE_PLAIN, false),
	ROW(CALLBACK_EXIT, SHAPE_PLAIN, false),
	ROW(HELD, SHAPE_HELD, false),
	ROW(NESTED, SHAPE_NESTED, false),
	ROW(DROP, SHAPE_PLAIN, false),
	ROW_AS(MAP_FOUND, MAP_READ, HIT),
	ROW_AS(MAP_MISSED, MAP_READ, MISS),
	ROW_AS(MAP_CHANGED, MAP_WRITE, HIT),
	ROW_AS(MAP_ADDED, MAP_WRITE, MISS),
};

static void held_push(struct log *log, uint32_t object)
{
	log->held = grow(log->held, &log->room_held, log->n_held,
			 sizeof(*log->held));
	log->held[log->n_held++] = object;
}

/* Takes the last hold of the object out, if there is one. */
static void held_pop(struct log *log, uint32_t object)
{
	for (size_t i = log->n_held; i > 0 && log->n_held - i < HELD_SEARCHED;
	     i--) {
		if (log->held[i - 1] != object)
			continue;
		if (i != log->n_held)
			memmove(&log->held[i - 1], &log->held[i],
				(log->n_held - i) * sizeof(*log->held));
		log->n_held--;
		return;
	}
}

static void event_requested(struct log *log, const struct event *ev)
{
	log->request_object = ev->object;
	log->request_stack = ev->stack;
	log->request_call = ev->call;
	log->request_shared = ev->shared;
	log->request_ns = ev->has_time ? ev->time_ns : UINT64_MAX;
}

/* What was waited for is there, or will not be. */
static void event_granted(struct log *log, struct event *ev)
{
	if (log->request_object != ev->object)
		return;
	log->request_object = 0;
	ev->contended = true;
	if (ev->op == CMSHIM_OP_REQUEST_FAILED) {
		ev->shared = log->request_shared;
		if (!record_has(&log->head, CMSHIM_CALL))
			ev->call = log->request_call;
	}
	if (!ev->stack)
		ev->stack = log->request_stack;
	if (ev->has_time && ev->time_ns > log->request_ns)
		ev->wait_ns = ev->time_ns - log->request_ns;
}

static void event_entered(struct log *log, const struct event *ev)
{
	if (log->n_calls == CALLS_NESTED)
		return;
	log->calls = grow(log->calls, &log->room_calls, log->n_calls,
			  sizeof(*log->calls));
	log->calls[log->n_calls++] = (struct open_call){
		.seq = ev->seq,
		.key = ev->key,
		.is_by_key = ev->is_by_key,
		.object = ev->object,
		.call = ev->call,
		.stack = ev->stack,
		.flags = ev->flags & (CMSHIM_WRITE | CMSHIM_INNER |
				      CMSHIM_REMOVES | CMSHIM_ITERATOR),
	};
}

/* MAP_EXIT says little: which call it ends says the rest. */
static void event_left(struct log *log, struct event *ev)
{
	for (size_t i = log->n_calls; i > 0; i--) {
		const struct open_call *c = &log->calls[i - 1];

		if (c->object != ev->object)
			continue;
		ev->seq = c->seq;
		ev->key = c->key;
		ev->is_by_key = c->is_by_key;
		ev->flags |= c->flags;
		if (!record_has(&log->head, CMSHIM_CALL))
			ev->call = c->call;
		if (!ev->stack)
			ev->stack = c->stack;
		memmove(&log->calls[i - 1], &log->calls[i],
			(log->n_calls - i) * sizeof(*log->calls));
		log->n_calls--;
		return;
	}
}

static void event_created(struct trace *t, const struct event *ev)
{
	struct thread *child = &t->threads[ev->other];
	struct thread_info *info = &t->thread_infos[ev->other];

	if (!ev->other)
		return;
	child->created = true;
	info->create_stack = ev->stack;
	if (!info->parent)
		info->parent = ev->thread;
	if (!child->parent)
		child->parent = ev->thread;
	if (child->log && t->logs[child->log - 1].state == LOG_START)
		log_ready(t, &t->logs[child->log - 1]);
}

static void event_joined(struct trace *t, const struct event *ev)
{
	struct thread *joined = &t->threads[ev->other];

	t->n_unfinished -= joined->unfinished;
	joined->unfinished = 0;
}

/* What ARG means for the op. */
static void event_arg(struct trace *t, struct log *log, struct event *ev)
{
	uint64_t arg = record_field(&log->head, CMSHIM_ARG);

	switch (ev->op) {
	case CMSHIM_OP_WAIT:
		ev->other = numbering_get(&t->object_numbers, arg);
		if (arg && !ev->other)
			trace_undefined(t, log->at, "object", arg);
		break;
	case CMSHIM_OP_CREATE:
	case CMSHIM_OP_CREATE_FAILED:
	case CMSHIM_OP_JOIN:
	case CMSHIM_OP_DETACH:
		ev->other = numbering_get(&t->thread_numbers, arg);
		break;
	case CMSHIM_OP_HELD:
		ev->shared = arg != 0;
		break;
	default:
		ev->arg = arg;
	}
}

/* What the event does to what its log and thread are remembered by. */
static void event_apply(struct trace *t, struct log *log, struct event *ev)
{
	switch (ev->op) {
	case CMSHIM_OP_ACQUIRE_SHARED:
		ev->shared = true;
		/* fall through */
	case CMSHIM_OP_ACQUIRE:
		if (log->request_object)
			event_granted(log, ev);
		held_push(log, ev->object);
		break;
	case CMSHIM_OP_TAKE:
	case CMSHIM_OP_REQUEST_FAILED:
		if (log->request_object)
			event_granted(log, ev);
		break;
	case CMSHIM_OP_HELD:
		held_push(log, ev->object);
		break;
	case CMSHIM_OP_RELEASE_SHARED:
		ev->shared = true;
		/* fall through */
	case CMSHIM_OP_RELEASE:
		held_pop(log, ev->object);
		break;
	case CMSHIM_OP_REQUEST_SHARED:
		ev->shared = true;
		/* fall through */
	case CMSHIM_OP_REQUEST:
		event_requested(log, ev);
		break;
	case CMSHIM_OP_MAP_ENTER:
		event_entered(log, ev);
		break;
	case CMSHIM_OP_MAP_EXIT:
		event_left(log, ev);
		break;
	case CMSHIM_OP_CREATE:
		event_created(t, ev);
		break;
	case CMSHIM_OP_START:
		ev->other = numbering_get(&t->thread_numbers, ev->arg);
		ev->arg = 0;
		if (!ev->other)
			ev->other = t->threads[ev->thread].parent;
		break;
	case CMSHIM_OP_JOIN:
		event_joined(t, ev);
		break;
	case CMSHIM_OP_EXIT:
		t->threads[ev->thread].exited = true;
		break;
	case CMSHIM_OP_DROP:
		log->dropped = true;
		if (__builtin_add_overflow(t->lost_after, ev->arg,
					   &t->lost_after))
			t->lost_after = UINT64_MAX;
		break;
	default:
		break;
	}
}

static bool is_of_program(uint8_t op)
{
	return op != CMSHIM_OP_HELD && op != CMSHIM_OP_DROP;
}

static void event_call(struct trace *t, struct log *log, struct event *ev)
{
	const struct record *rec = &log->head;

	ev->call = t->natural[ev->op][t->lines[ev->object].class];
	if (record_has(rec, CMSHIM_CALL)) {
		uint64_t number = record_field(rec, CMSHIM_CALL);
		uint32_t call = numbering_get(&t->call_numbers, number);

		if (call)
			ev->call = call;
		else
			trace_undefined(t, log->at, "call", number);
	}
}

static void event_rare_fields(struct trace *t, struct log *log,
			      struct event *ev)
{
	const struct record *rec = &log->head;
	uint64_t code = record_field(rec, CMSHIM_CODE);

	ev->code = code > UINT16_MAX ? UINT16_MAX : (uint16_t)code;
	ev->flags = (uint16_t)record_field(rec, CMSHIM_FLAGS);
	if (ev->flags & CMSHIM_SAMPLED)
		ev->weight = log->weight;
	ev->key = record_field(rec, CMSHIM_KEY);
	ev->end = record_field(rec, CMSHIM_END);
	if (record_has(rec, CMSHIM_DURATION))
		ev->duration_ns = clock_duration_ns(
			&t->clock, record_field(rec, CMSHIM_DURATION));
	ev->has_arg = record_has(rec, CMSHIM_ARG);
	if (ev->has_arg)
		event_arg(t, log, ev);
}

static bool is_by_key(const struct record *rec, const struct event *ev)
{
	if (ev->op < CMSHIM_OP_MAP_READ || ev->op > CMSHIM_OP_MAP_ENTER ||
	    ev->flags & CMSHIM_ITERATOR)
		return false;
	return ev->key || !record_has(rec, CMSHIM_KEY);
}

void event_make(struct trace *t, struct log *log, struct event *ev)
{
	const struct record *rec = &log->head;
	struct thread *thread = &t->threads[log->thread];

	*ev = (struct event){
		.op = rec->op,
		.thread = log->thread,
		.object = rec->object,
		.seq = rec->seq,
		.index = thread->n_events++,
	};
	if (record_has(rec, CMSHIM_STACK)) {
		uint64_t number = record_field(rec, CMSHIM_STACK);

		ev->stack = numbering_get(&log->stream->stacks, number);
		if (unlikely(number && !ev->stack))
			trace_undefined(t, log->at, "stack", number);
	}
	if (record_has(rec, CMSHIM_TIME)) {
		uint64_t now = clock_time_ns(&t->clock, log->ticks);

		if (now > thread->time_ns)
			thread->time_ns = now;
		ev->has_time = true;
	}
	ev->time_ns = thread->time_ns;
	event_call(t, log, ev);
	if (rec->mask & ~(CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_SEQ |
			  CMSHIM_TIME | CMSHIM_CALL))
		event_rare_fields(t, log, ev);
	ev->is_by_key = is_by_key(rec, ev);
	event_apply(t, log, ev);
	if (event_is_of_map(ev) && !record_has(rec, CMSHIM_END))
		ev->end = ev->seq;
	t->n_events += is_of_program(ev->op);
}

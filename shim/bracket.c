/* SPDX-License-Identifier: MIT */
#include "bracket.h"

#include "record.h"

#define ONE_START ((uint64_t)1 << 16)
#define ACTIVE	  (ONE_START - 1)

static uint64_t starts(uint64_t vword)
{
	return vword >> 16;
}

static enum cmshim_op op_of(const struct open_call *o)
{
	return o->write	 ? CMSHIM_OP_MAP_WRITE
	       : o->next ? CMSHIM_OP_MAP_NEXT
			 : CMSHIM_OP_MAP_READ;
}

/*
 * SEQ: a write is implied if it follows on this thread's last write, a read
 * if the last write was this thread's.
 */
static void add_number(struct context *c, const struct open_call *o,
		       struct fields *f)
{
	struct known *k = record_place(c, o->object->key);
	bool known = k->key == o->object->key && k->id == o->id;

	if (!known || o->number != k->number + o->write) {
		f->mask |= CMSHIM_SEQ;
		f->seq = o->number;
	}
	if (known && o->write)
		k->number = o->number;
}

/* A key that is not known is left out; a call about none says 0. */
static uint32_t standard_mask(const struct open_call *o, enum cmshim_op op)
{
	return encode_standard[op] & ~(o->unknown_key ? CMSHIM_KEY : 0u);
}

static void tell(struct context *c, struct open_call *o)
{
	struct fields f = { .mask = standard_mask(o, CMSHIM_OP_MAP_ENTER),
			    .object = o->id,
			    .stack = o->stack,
			    .key = o->key };

	record_optional(&f, o->call,
			o->flags | (o->write ? CMSHIM_WRITE : 0) |
				(o->overlap ? CMSHIM_OVERLAP : 0) |
				(o->inner ? CMSHIM_INNER : 0));
	add_number(c, o, &f);
	encode(c, CMSHIM_OP_MAP_ENTER, &f);
	o->told = true;
}

/*
 * Takes the call out of the V-word.  Returns how many writes had entered by
 * then.
 *
 * A writer that was closed because it had been left may in truth be running
 * on (it was on another stack): then its own exit must not count again, which
 * is why an exit never takes `active` below zero.
 */
static uint64_t leave(struct open_call *o)
{
	uint64_t v =
		atomic_load_explicit(&o->object->vword, memory_order_acquire);

	if (!o->write)
		return starts(v);
	while ((v & ACTIVE) &&
	       !atomic_compare_exchange_weak_explicit(
		       &o->object->vword, &v, v - 1, memory_order_acq_rel,
		       memory_order_acquire))
		;
	return starts(v);
}

static void close_call(struct context *c, struct open_call *o, uint32_t flags,
		       const struct bracket_told *told)
{
	uint64_t last = leave(o);
	struct fields f = { .mask = CMSHIM_OBJECT, .object = o->id };
	enum cmshim_op op = CMSHIM_OP_MAP_EXIT;

	flags |= told->flags;
	if (told->has_count) {
		f.mask |= CMSHIM_ARG;
		f.arg = told->count;
	}
	if (last != o->number + o->n_own) {
		f.mask |= CMSHIM_END;
		f.end = last;
	}
	if (!o->told) {
		op = op_of(o);
		f.mask |= standard_mask(o, op);
		f.stack = o->stack;
		f.key = o->key;
		flags |= o->flags | (o->overlap ? CMSHIM_OVERLAP : 0) |
			 (o->inner ? CMSHIM_INNER : 0);
		add_number(c, o, &f);
	}
	record_optional(&f, o->told ? NATURAL : o->call, flags);
	encode(c, op, &f);
}

/* Left without a result. */
static void close_abandoned(struct context *c, struct open_call *o)
{
	static const struct bracket_told nothing;

	close_call(c, o, CMSHIM_ABANDONED, &nothing);
}

static bool on_stack(const struct context *c, const void *frame)
{
	return (uintptr_t)frame >= c->stack_low &&
	       (uintptr_t)frame < c->stack_high;
}

/*
 * Closes the calls that a jump or an exception has left: their wrapper's
 * frame is not above the one that an event now comes from.  As many as there
 * is room for; the next event closes more.
 */
static void close_left(struct context *c, const void *frame)
{
	while (c->n_open && on_stack(c, frame) &&
	       c->events.pos + CMSHIM_EVENT_MAX_BYTES <
		       c->events.limit + CHUNK_MARGIN / 2) {
		struct open_call *o = &c->open[c->n_open - 1];

		if (!on_stack(c, o->frame) || o->frame > frame)
			return;
		c->n_open--;
		close_abandoned(c, o);
	}
}

void bracket_tell(struct context *c, const void *frame)
{
	close_left(c, frame);
	/* Innermost last, as they were entered. */
	for (uint32_t i = 0; i < c->n_open; i++)
		if (!c->open[i].told &&
		    c->events.pos + CMSHIM_EVENT_MAX_BYTES < c->events.limit)
			tell(c, &c->open[i]);
}

/* This thread's open calls on the map; writes of them. */
static bool inside(const struct context *c, const struct object *object,
		   uint32_t *n_writes)
{
	bool any = false;

	*n_writes = 0;
	for (uint32_t i = 0; i < c->n_open; i++)
		if (c->open[i].object == object) {
			any = true;
			*n_writes += c->open[i].write;
		}
	return any;
}

static bool is_write(const struct bracket *b)
{
	return b->access == BRACKET_WRITE || b->access == BRACKET_REMOVE;
}

static uint32_t flags_of(const struct bracket *b)
{
	return (b->access == BRACKET_REMOVE ? CMSHIM_REMOVES : 0) |
	       (b->key.kind == KEY_ITERATOR ? CMSHIM_ITERATOR : 0);
}

static void open_call(struct context *c, const struct bracket *b,
		      struct known *k)
{
	struct object *object = k->object;
	struct open_call *o = &c->open[c->n_open];
	uint32_t own;
	uint64_t v;

	*o = (struct open_call){
		.object = object,
		.frame = b->frame,
		.key = keys_number(&b->key, b->map),
		.flags = flags_of(b),
		.id = k->id,
		.call = b->call,
		.write = is_write(b),
		.next = b->access == BRACKET_NEXT,
		.inner = inside(c, object, &own),
		.stack = stack_of(c, b->frame),
	};
	o->unknown_key = !o->key && b->key.kind != KEY_NONE;
	if (o->write) {
		v = atomic_fetch_add_explicit(&object->vword, ONE_START + 1,
					      memory_order_acq_rel);
		o->number = starts(v) + 1;
		for (uint32_t i = 0; o->inner && i < c->n_open; i++)
			c->open[i].n_own += c->open[i].object == object;
	} else {
		v = atomic_load_explicit(&object->vword, memory_order_acquire);
		o->number = starts(v);
	}
	o->overlap = (v & ACTIVE) > own;
	c->n_open++;
	if (o->overlap)
		tell(c, o);
}

bool bracket_enter(const struct bracket *b)
{
	struct context *c = b->map ? context_enter(b->frame) : NULL;
	struct known *k;
	bool opened = false;

	if (!c)
		return false;
	if (unlikely(b->empty && is_write(b)))
		record_renew(c, b->frame, object_key(b->map, OBJECT_MAP),
			     b->family);
	k = record_known(c, object_key(b->map, OBJECT_MAP), b->frame,
			 b->family);
	if (k && c->n_open < MAX_OPEN) {
		open_call(c, b, k);
		opened = true;
	} else if (k) {
		process_lost(CMSHIM_LOST_EVENTS);
	}
	context_leave(c);
	return opened;
}

void bracket_exit(const struct bracket *b, struct bracket_told told)
{
	struct context *c = context_enter_inside(b->frame);
	struct open_call *o;

	if (!c)
		return;
	/* What was opened after us and not closed was left. */
	while (c->n_open) {
		o = &c->open[c->n_open - 1];
		if (o->frame == b->frame)
			break;
		if (o->frame > b->frame)
			goto out; /* ours was taken for left, and closed */
		c->n_open--;
		close_abandoned(c, o);
		if (c->events.pos < c->events.limit)
			continue;
		context_leave(c);
		c = context_enter_inside(b->frame);
		if (!c)
			return;
	}
	if (c->n_open) {
		c->n_open--;
		close_call(c, &c->open[c->n_open], 0, &told);
	}
out:
	context_leave(c);
}

void bracket_new(const struct bracket *b)
{
	struct context *c = b->map ? context_enter(b->frame) : NULL;

	if (!c)
		return;
	record_new(c, b->frame, object_key(b->map, OBJECT_MAP),
		   CMSHIM_OP_MAP_NEW, b->call, b->family);
	context_leave(c);
}

void bracket_free(const struct bracket *b)
{
	struct context *c = b->map ? context_enter(b->frame) : NULL;
	struct known *k;
	struct fields f = { .mask = encode_standard[CMSHIM_OP_MAP_FREE] };

	if (!c)
		return;
	k = record_known(c, object_key(b->map, OBJECT_MAP), b->frame,
			 b->family);
	if (k) {
		uint64_t number = 1 + starts(atomic_fetch_add(&k->object->vword,
							      ONE_START));

		atomic_store(&k->object->destroyed, number);
		f.object = k->id;
		f.stack = stack_of(c, b->frame);
		record_seq(k, &f, number);
		record_optional(&f, b->call, 0);
		encode(c, CMSHIM_OP_MAP_FREE, &f);
	}
	context_leave(c);
}

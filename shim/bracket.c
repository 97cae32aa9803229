/* SPDX-License-Identifier: MIT */
#include "bracket.h"

#include "record.h"

#define ONE_START MAP_ONE_START
#define ACTIVE	  MAP_ACTIVE

static uint64_t starts(uint64_t vword)
{
	return vword >> 16;
}

static bool writes(const struct open_call *o)
{
	return o->call.op == CMSHIM_OP_MAP_WRITE;
}

static uint32_t id_of(const struct open_call *o)
{
	return (uint32_t)o->what;
}

/* As they are recorded. */
static uint32_t flags_of(const struct open_call *o)
{
	return (uint16_t)o->flags;
}

/* This context's entry for the object, if it is still under this number. */
static struct known *known_of(const struct open_call *o)
{
	return o->known->as_held.what == o->what ? o->known : NULL;
}

/* SEQ: a read is implied if it saw what this thread saw or wrote last, a write
   if it follows on that. */
static void add_number(const struct open_call *o, struct fields *f)
{
	struct known *k = known_of(o);

	if (!k || o->number != k->number + writes(o)) {
		f->mask |= CMSHIM_SEQ;
		f->seq = o->number;
	}
	if (k)
		k->number = known_code(k).packed ? o->number : NOT_OURS;
}

/* A key that is not known is left out; a call about none says 0. */
static uint32_t standard_mask(const struct open_call *o, enum cmshim_op op)
{
	return encode_standard[op] &
	       ~(o->flags & OPEN_UNKNOWN_KEY ? CMSHIM_KEY : 0u);
}

static void tell(struct context *c, struct open_call *o)
{
	struct fields f = { .mask = standard_mask(o, CMSHIM_OP_MAP_ENTER),
			    .object = id_of(o),
			    .stack = code_number(o->stack),
			    .key = keys_number(o->key) };

	record_optional(&f, o->call.number,
			flags_of(o) | (writes(o) ? CMSHIM_WRITE : 0));
	add_number(o, &f);
	encode(c, CMSHIM_OP_MAP_ENTER, &f);
	o->flags |= OPEN_TOLD;
}

/* Whether the object has become another one since, which those that were inside
   have nothing to do with: see nobody_inside() in record.c. */
static bool is_another(const struct open_call *o)
{
	return unlikely(atomic_load_explicit(&o->object->id,
					     memory_order_acquire) != id_of(o));
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
	uint64_t v;

	do {
		v = atomic_load_explicit(&o->object->vword,
					 memory_order_acquire);
		if (is_another(o))
			return o->number + o->n_own;
		if (!writes(o) || !(v & ACTIVE))
			break;
	} while (!atomic_compare_exchange_weak_explicit(
		&o->object->vword, &v, v - 1, memory_order_acq_rel,
		memory_order_relaxed));
	return starts(v);
}

/* last: how many writes had entered when it left. */
COLD static void close_call(struct context *c, struct open_call *o,
			    uint64_t last, uint32_t flags,
			    struct bracket_told told)
{
	struct fields f = { .mask = CMSHIM_OBJECT, .object = id_of(o) };
	const bool is_told = o->flags & OPEN_TOLD;
	enum cmshim_op op = CMSHIM_OP_MAP_EXIT;

	flags |= told.flags;
	if (told.has_count) {
		f.mask |= CMSHIM_ARG;
		f.arg = told.count;
	}
	if (last != o->number + o->n_own) {
		f.mask |= CMSHIM_END;
		f.end = last;
	}
	if (!is_told) {
		op = o->call.op;
		f.mask |= standard_mask(o, op);
		f.stack = code_number(o->stack);
		f.key = keys_number(o->key);
		flags |= flags_of(o);
		add_number(o, &f);
	}
	record_optional(&f, is_told ? NATURAL : o->call.number, flags);
	encode(c, op, &f);
}

/*
 * Stores a call that no other one met, and of which there is nothing to tell
 * but what most calls have.  Returns where the next record will be; NULL: it is
 * another one, and nothing is stored.
 */
HOT uint8_t *close_simple(const struct context *c, const struct open_call *o,
			  uint64_t last, struct bracket_told told)
{
	struct known *k = o->known;
	const uint64_t number = o->number;
	uint8_t *next;

	if (unlikely(o->unusual || told.has_count || last != number ||
		     k->as_held.what != o->what ||
		     number != k->number + writes(o)))
		return NULL;
	next = encode_map_brief(c, o, told.flags);
	if (likely(next != NULL))
		k->number = number;
	return next;
}

/* The same where a flag or a number is to be told.  False: there is more. */
static bool close_flagged(struct context *c, const struct open_call *o,
			  uint64_t last, struct bracket_told told)
{
	struct known *k = known_of(o);

	if ((o->flags & OPEN_TOLD) || told.has_count ||
	    last != o->number + o->n_own || !k ||
	    !encode_map_call(c, o, known_code(k), flags_of(o) | told.flags,
			     o->number != k->number + writes(o)))
		return false;
	k->number = o->number;
	return true;
}

APART static void close_other(struct context *c, struct open_call *o,
			      uint64_t last, struct bracket_told told)
{
	if (!close_flagged(c, o, last, told))
		close_call(c, o, last, 0, told);
	context_leave(c);
}

/* Left without a result. */
static void close_abandoned(struct context *c, struct open_call *o)
{
	close_call(c, o, leave(o), CMSHIM_ABANDONED,
		   (struct bracket_told){ 0 });
}

static bool on_stack(const struct context *c, const void *frame)
{
	return (uintptr_t)frame >= c->stack_low &&
	       (uintptr_t)frame < c->stack_high;
}

/*
 * Closes the calls that a jump or an exception has left: their wrapper's
 * frame is not above the one that an event now comes from, or it is where none
 * of this stack's frames is (a destructor gives up a lock).  As many as there
 * is room for; the next event closes more.
 */
static void close_left(struct context *c, const void *frame)
{
	while (c->n_open && on_stack(c, frame) &&
	       c->events.pos + CMSHIM_EVENT_MAX_BYTES <
		       c->events.limit + CHUNK_MARGIN / 2) {
		struct open_call *o = &c->open[c->n_open - 1];

		if (!on_stack(c, o->frame) ||
		    (o->frame > frame &&
		     !stack_has_left(c, frame, o->frame, o->pc)))
			return;
		c->n_open--;
		close_abandoned(c, o);
	}
}

size_t bracket_untold_bytes(const struct context *c)
{
	size_t n = 0;

	for (uint32_t i = 0; i < c->n_open; i++)
		n += !(c->open[i].flags & OPEN_TOLD);
	return n * CMSHIM_EVENT_MAX_BYTES;
}

void bracket_tell(struct context *c, const void *frame)
{
	close_left(c, frame);
	/* Innermost last, as they were entered. */
	for (uint32_t i = 0; i < c->n_open; i++)
		if (!(c->open[i].flags & OPEN_TOLD) &&
		    c->events.pos + CMSHIM_EVENT_MAX_BYTES < c->events.limit)
			tell(c, &c->open[i]);
}

/*
 * The call is inside others of this thread: what is known of them.  Returns
 * how many on this map are writes.
 */
static uint32_t open_inner(struct context *c, struct open_call *inner)
{
	uint32_t n_writes = 0;

	for (uint32_t i = 0; i < c->n_open; i++) {
		struct open_call *o = &c->open[i];

		if (o->object != inner->object)
			continue;
		inner->flags |= CMSHIM_INNER;
		n_writes += writes(o);
		o->n_own += writes(inner);
	}
	return n_writes;
}

static void open_call(struct context *c, const void *frame, uint32_t key,
		      uint32_t flags, struct map_call call, struct known *k)
{
	struct object *object = k->object;
	struct open_call *o = &c->open[c->n_open];
	uint32_t own = 0;
	uint64_t v;

	o->object = object;
	o->known = k;
	o->what = k->as_held.what;
	o->frame = frame;
	o->key = key;
	o->stack = stack_code_of(c, frame);
	o->flags = flags;
	o->n_own = 0;
	o->call = call;
	o->pc = (uint32_t)frame_word(frame, FRAME_PC);
	if (unlikely(c->n_open))
		own = open_inner(c, o);
	if (writes(o)) {
		v = atomic_fetch_add_explicit(&object->vword, ONE_START + 1,
					      memory_order_acq_rel);
		o->number = starts(v) + 1;
	} else {
		v = atomic_load_explicit(&object->vword, memory_order_acquire);
		o->number = starts(v);
	}
	c->n_open++;
	if (unlikely((v & ACTIVE) > own)) {
		o->flags |= CMSHIM_OVERLAP;
		tell(c, o);
	}
}

/* What is told of the key besides its code. */
HOT uint32_t key_flags(struct key key, uint32_t code)
{
	if (key.kind == KEY_ITERATOR)
		return CMSHIM_ITERATOR;
	return !code && key.kind != KEY_NONE ? OPEN_UNKNOWN_KEY : 0;
}

static COLD void renew(struct context *c, const void *frame, uint64_t object,
		       struct bracket_call what)
{
	const struct known *k = record_place(c, object);
	bool was_destroyed = what.look == BRACKET_FILLED;

	/* In most calls. */
	if (was_destroyed ? k->as_held.key == object &&
				    !atomic_load(&k->object->destroyed)
			  : what.call.op != CMSHIM_OP_MAP_WRITE)
		return;
	record_renew(c, frame, object, what.call.family, was_destroyed);
}

bool bracket_enter(const void *frame, const volatile void *map, struct key key,
		   struct bracket_call what)
{
	const uint64_t object = object_key(map, OBJECT_MAP);
	const uint32_t code = map ? keys_code(key, map) : 0;
	struct context *c = map ? context_enter(frame) : NULL;
	struct known *k;
	bool opened = false;

	if (!c)
		return false;
	if (unlikely(what.look != BRACKET_NO_LOOK))
		renew(c, frame, object, what);
	k = record_known(c, object, frame, what.call.family);
	if (k && c->n_open < MAX_OPEN) {
		open_call(c, frame, code, what.flags | key_flags(key, code),
			  what.call, k);
		opened = true;
	} else if (k) {
		process_lost(CMSHIM_LOST_EVENTS);
	}
	context_leave(c);
	return opened;
}

/* What was opened after the wrapper's call and not closed was left. */
COLD static void exit_left(struct context *c, const void *frame,
			   struct bracket_told told)
{
	struct open_call *o;

	while (c->n_open) {
		o = &c->open[c->n_open - 1];
		if (o->frame > frame)
			goto out; /* ours was taken for left, and closed */
		c->n_open--;
		if (o->frame == frame) {
			close_call(c, o, leave(o), 0, told);
			goto out;
		}
		close_abandoned(c, o);
		if (c->events.pos < c->events.limit)
			continue;
		context_leave(c);
		c = context_enter_inside(frame);
		if (!c)
			return;
	}
out:
	context_leave(c);
}

void bracket_exit(const void *frame, struct bracket_told told)
{
	struct context *c = context_enter_inside(frame);
	struct open_call *o;
	uint64_t last;
	uint8_t *next;

	if (!c)
		return;
	o = &c->open[c->n_open - 1u];
	if (unlikely(!c->n_open || o->frame != frame)) {
		exit_left(c, frame, told);
		return;
	}
	c->n_open--;
	last = leave(o);
	next = close_simple(c, o, last, told);
	if (unlikely(!next)) {
		close_other(c, o, last, told);
		return;
	}
	context_leave_at(c, next);
}

void bracket_new(const void *frame, const volatile void *map,
		 struct bracket_call what)
{
	struct context *c = map ? context_enter(frame) : NULL;

	if (!c)
		return;
	record_new(c, frame, object_key(map, OBJECT_MAP), CMSHIM_OP_MAP_NEW,
		   what.call.number, what.call.family);
	context_leave(c);
}

void bracket_free(const void *frame, const volatile void *map,
		  struct bracket_call what)
{
	struct context *c = map ? context_enter(frame) : NULL;
	struct known *k;
	struct fields f = { .mask = encode_standard[CMSHIM_OP_MAP_FREE] };

	if (!c)
		return;
	k = record_known(c, object_key(map, OBJECT_MAP), frame,
			 what.call.family);
	if (k) {
		uint64_t number = 1 + starts(atomic_fetch_add(&k->object->vword,
							      ONE_START));

		atomic_store(&k->object->destroyed, number);
		f.object = known_id(k);
		f.stack = stack_of(c, frame);
		record_seq(k, &f, number);
		record_optional(&f, what.call.number, 0);
		encode(c, CMSHIM_OP_MAP_FREE, &f);
	}
	context_leave(c);
}

/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <errno.h>

#include "kind.h"
#include "label.h"
#include "lives.h"
#include "process.h"

/* The object's line.  NULL: untracked. */
static struct object *line_of(struct context *c, uint64_t key)
{
	struct object *o = object_find(key);

	if (unlikely(object_is_due()))
		(c->nested ? c->outer : c)->is_due = true;
	return o;
}

/*
 * Of a map that is about to become another one.  The end of the one before may
 * still be inside: a table's memory is another table's before the call that
 * freed it has returned.  It does not count, nor does its exit.
 */
static void nobody_inside(struct object *o)
{
	uint64_t v = atomic_load(&o->vword);

	while ((v & MAP_ACTIVE) &&
	       !atomic_compare_exchange_weak(&o->vword, &v, v & ~MAP_ACTIVE))
		;
}

/* Gives the object a number that definitions know, unless its line is being
   taken out. */
static bool define_object(struct context *c, struct object *o,
			  const void *frame, uint32_t family, uint32_t seen)
{
	enum object_class class = object_class(o->key);
	uint64_t address = object_address(o->key);
	uint32_t id = 1 + atomic_fetch_add(&process->objects, 1);
	uint32_t before = atomic_load(&o->id);
	uint8_t payload[8 * VARINT_MAX_BYTES];
	uint8_t *p = payload;
	uint32_t kind = kind_of(address, class) | seen;
	uint64_t last = object_last(o);

	p = put_varint(p, id);
	p = put_varint(p, object_trace_class(class));
	p = put_varint(p, kind);
	p = put_varint(p, address);
	p = put_varint(p, last + 1);
	p = put_varint(p, family);
	p = put_varint(p, stack_of(c, frame));
	p = put_varint(p, atomic_load(&o->generation));
	if (!context_define(c, CMSHIM_DEF_OBJECT, payload,
			    (size_t)(p - payload)))
		return false;
	if (class == OBJECT_MAP) {
		o->first = last + 1;
		nobody_inside(o);
	}
	atomic_store(&o->kind, kind);
	lives_began(c, address);
	/* Of two threads that define it at once the first counts; the other's
	   definition is one without events. */
	if ((!before || seen) && before != RETIRED)
		atomic_compare_exchange_strong(&o->id, &before, id);
	label_apply(c, address, id, seen);
	return true;
}

/* NULL: the object has ended meanwhile. */
static struct known *remember(struct context *c, uint64_t key, struct object *o)
{
	struct known *k = record_place(c, key);
	uint32_t id = object_id(o);

	if (!id)
		return NULL;
	*k = (struct known){
		.as_held = { .key = key,
			     .what = held_what(id, encode_code(id)) },
		.object = o,
		.number = NOT_OURS,
	};
	return k;
}

/* So often is a line looked for that was being taken out when it was found, or
   whose object others ended. */
#define TRIES 4

struct known *record_learn(struct context *c, uint64_t key, const void *frame,
			   uint32_t family)
{
	for (int i = 0; i < TRIES; i++) {
		struct object *o = line_of(c, key);
		struct known *k;

		if (!o ||
		    (!object_id(o) && !define_object(c, o, frame, family, 0)))
			break;
		k = remember(c, key, o);
		if (likely(k != NULL))
			return k;
	}
	process_lost(CMSHIM_LOST_OBJECTS);
	return NULL;
}

/* Another object is at the address from now on; NULL: untracked. */
static struct object *renewed(struct context *c, const void *frame,
			      uint64_t key, uint32_t family)
{
	for (int i = 0; i < TRIES; i++) {
		struct object *o = line_of(c, key);

		if (o && object_id(o))
			atomic_fetch_add(&o->generation, 1);
		if (!o || !define_object(c, o, frame, family, CMSHIM_SEEN_INIT))
			break;
		if (likely(remember(c, key, o) != NULL))
			return o;
	}
	process_lost(CMSHIM_LOST_OBJECTS);
	return NULL;
}

void record_init(struct context *c, const void *frame, uint64_t key,
		 uint32_t call, uint64_t count)
{
	struct fields f = { .mask = count ? CMSHIM_ARG : 0, .arg = count };

	if (!renewed(c, frame, key, 0))
		return;
	record_optional(&f, call, 0);
	record_numbered(c, frame, key, CMSHIM_OP_INIT, &f);
}

void record_new(struct context *c, const void *frame, uint64_t key,
		enum cmshim_op op, uint32_t call, uint32_t family)
{
	struct object *o = renewed(c, frame, key, family);
	struct fields f = { .mask = 0 };

	if (!o)
		return;
	f.mask = CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_CALL;
	f.object = known_id(record_place(c, key));
	f.stack = stack_of(c, frame);
	f.call = call;
	encode(c, op, &f);
}

void record_renew(struct context *c, const void *frame, uint64_t key,
		  uint32_t family, bool was_destroyed)
{
	struct object *o = line_of(c, key);
	uint32_t generation;
	uint64_t v, last;

	if (!o || !object_id(o))
		return;
	generation = atomic_load(&o->generation);
	v = atomic_load(&o->vword);
	last = v / MAP_ONE_START;
	if ((v & MAP_ACTIVE) || last < o->first ||
	    (was_destroyed && last != atomic_load(&o->destroyed)) ||
	    !atomic_compare_exchange_strong(&o->generation, &generation,
					    generation + 1))
		return;
	if (define_object(c, o, frame, family, CMSHIM_SEEN_INIT))
		remember(c, key, o);
}

uint32_t record_id(struct context *c, const void *frame, uint64_t key)
{
	struct known *k = record_known(c, key, frame, 0);

	return k ? known_id(k) : 0;
}

/* What has to be known when the object's memory is given back. */
static void note(struct object *o, enum cmshim_op op, uint64_t number)
{
	if (op == CMSHIM_OP_WAIT || op == CMSHIM_OP_ARRIVE)
		atomic_fetch_add(&o->waiting, 1);
	else if ((op == CMSHIM_OP_WAKE || op == CMSHIM_OP_DEPART) &&
		 atomic_load(&o->waiting))
		atomic_fetch_sub(&o->waiting, 1);
	else if (op == CMSHIM_OP_DESTROY)
		atomic_store(&o->destroyed, number);
}

uint64_t record_numbered(struct context *c, const void *frame, uint64_t key,
			 enum cmshim_op op, struct fields *f)
{
	const uint32_t brief = CMSHIM_OBJECT | CMSHIM_STACK;
	struct known *k = record_known(c, key, frame, 0);
	struct code stack = { 0 };
	uint64_t number;

	if (!k)
		return 0;
	f->mask |= encode_standard[op];
	if (f->mask == brief)
		stack = stack_code_of(c, frame);
	number = record_number_shared(k->object);
	note(k->object, op, number);
	if (stack.packed && number == k->number + 1) {
		c->events.pos = encode_brief(c, encode_around(op, 0, 0),
					     known_code(k), stack);
		k->number = number;
		return number;
	}
	f->object = known_id(k);
	if (f->mask & CMSHIM_STACK)
		f->stack = stack_of(c, frame);
	record_seq(k, f, number);
	encode(c, op, f);
	return number;
}

void record_freed(struct context *c, const void *frame, uint64_t key)
{
	struct known *k = record_known(c, key, frame, 0);
	struct fields f = { .mask = encode_standard[CMSHIM_OP_FREED] };
	uint64_t number;

	if (!k)
		return;
	f.object = known_id(k);
	f.stack = stack_of(c, frame);
	number = object_class(key) == OBJECT_MAP
			 ? 1 + atomic_fetch_add(&k->object->vword,
						MAP_ONE_START) /
					   MAP_ONE_START
			 : record_number_shared(k->object);
	record_seq(k, &f, number);
	encode(c, CMSHIM_OP_FREED, &f);
}

uint8_t *record_told(struct context *c, struct known *k, struct code stack,
		     uint64_t number, enum cmshim_op op, struct taken taken)
{
	struct fields f = { .mask = CMSHIM_OBJECT | CMSHIM_STACK,
			    .object = known_id(k),
			    .stack = code_number(stack) };

	record_seq(k, &f, number);
	if (taken.flags & CMSHIM_SAMPLED)
		f.mask |= CMSHIM_TIME;
	record_optional(&f, taken.call, taken.flags);
	encode(c, op, &f);
	return c->events.pos;
}

uint8_t *record_took_sampled(struct context *c, struct known *k,
			     struct code stack, bool shared, struct taken taken)
{
	const enum cmshim_op op =
		shared ? CMSHIM_OP_ACQUIRE_SHARED : CMSHIM_OP_ACQUIRE;
	const bool sampled = record_samples(c);
	uint64_t number = shared ? record_number_shared(k->object)
				 : record_number_held(k->object);
	uint8_t *next = NULL;

	record_hold(c, k,
		    (sampled ? HELD_SAMPLED : 0) | (shared ? HELD_SHARED : 0));
	if (sampled && number == k->number + 1 && taken.call == NATURAL &&
	    !taken.flags)
		next = encode_sampled(c, op, known_code(k), stack);
	if (likely(next != NULL)) {
		k->number = number;
		return next;
	}
	taken.flags |= sampled ? CMSHIM_SAMPLED : 0;
	return record_told(c, k, stack, number, op, taken);
}

void record_hold_more(struct context *c, const struct known *k, uint32_t how)
{
	c->held_room =
		c->held_room < MAX_HELD / 2 ? 2 * c->held_room : MAX_HELD;
	c->is_crowded = true;
	if (c->n_held < MAX_HELD)
		record_hold(c, k, how);
}

void record_acquire(struct context *c, const void *frame, uint64_t key,
		    bool shared, uint32_t call, uint32_t flags)
{
	struct known *k = record_known(c, key, frame, 0);

	if (likely(k != NULL))
		c->events.pos =
			record_took(c, k, stack_code_of(c, frame), shared,
				    (struct taken){ call, flags });
}

void record_request(struct context *c, const struct known *k, struct code stack,
		    enum cmshim_op op, struct taken taken,
		    struct record_wait *wait)
{
	struct fields f = { .mask = CMSHIM_OBJECT | CMSHIM_STACK | CMSHIM_TIME |
				    CMSHIM_ARG };

	*wait = (struct record_wait){ .op = op, .taken = taken };
	if (!k)
		return;
	wait->object = k->object;
	wait->key = k->as_held.key;
	atomic_fetch_add(&k->object->waiting, 1);
	f.object = known_id(k);
	f.stack = code_number(stack);
	f.arg = atomic_load(&k->object->number);
	record_optional(&f, taken.call, taken.flags);
	encode(c,
	       op == CMSHIM_OP_ACQUIRE_SHARED ? CMSHIM_OP_REQUEST_SHARED
					      : CMSHIM_OP_REQUEST,
	       &f);
}

void record_waited(const void *frame, const struct record_wait *wait, int error,
		   uint32_t flags)
{
	struct context *c;
	struct known *k;
	struct fields f = { .mask = CMSHIM_OBJECT | CMSHIM_TIME };
	bool shared = wait->op == CMSHIM_OP_ACQUIRE_SHARED;

	if (!wait->object)
		return;
	atomic_fetch_sub(&wait->object->waiting, 1);
	c = context_enter(frame);
	if (!c)
		return;
	k = record_known(c, wait->key, frame, 0);
	if (k && error) {
		f.mask |= CMSHIM_CODE;
		f.object = known_id(k);
		f.code = (uint32_t)error;
		record_optional(&f, wait->taken.call,
				wait->taken.flags | flags);
		encode(c, CMSHIM_OP_REQUEST_FAILED, &f);
	} else if (k) {
		f.object = known_id(k);
		record_seq(k, &f,
			   wait->op == CMSHIM_OP_ACQUIRE
				   ? record_number_held(k->object)
				   : record_number_shared(k->object));
		flags |= wait->taken.flags;
		if (wait->op != CMSHIM_OP_TAKE) {
			bool sampled = record_samples(c);

			record_hold(c, k,
				    (shared ? HELD_SHARED : 0) |
					    (sampled ? HELD_SAMPLED : 0));
			flags |= sampled ? CMSHIM_SAMPLED : 0;
		}
		record_optional(&f, wait->taken.call, flags);
		encode(c, wait->op, &f);
	}
	context_leave(c);
}

void record_refused(struct context *c, const void *frame, uint64_t key,
		    uint32_t call, uint32_t flags, int error)
{
	struct known *k = record_known(c, key, frame, 0);
	struct fields f = { .mask = CMSHIM_OBJECT | CMSHIM_STACK |
				    CMSHIM_CODE };

	if (!k)
		return;
	f.object = known_id(k);
	f.stack = stack_of(c, frame);
	f.code = (uint32_t)error;
	record_optional(&f, call, flags);
	encode(c, CMSHIM_OP_REQUEST_FAILED, &f);
}

/* SPDX-License-Identifier: MIT */
/*
 * From a wrapper to the calling thread's chunk.
 *
 * A wrapper enters (context.h), records, leaves, and never holds a context
 * over a real call that may block, call back, or not return.  What a function
 * here cannot record is counted.  None of them blocks, fails or touches errno.
 *
 * frame is the wrapper's __builtin_frame_address(0) throughout: from it comes
 * the call stack.  call is the wrapped call's number in the tables; NATURAL
 * stands for the call that a reader would guess (see enum cmshim_def), which
 * costs no byte.
 */
#ifndef SHIM_RECORD_H
#define SHIM_RECORD_H

#include "context.h"
#include "encode.h"
#include "object.h"
#include "stack.h"

#define NATURAL 0

/* The context's entry for an object that is not in its cache, or is under an
   old number.  NULL: untracked, and counted. */
COLD struct known *record_learn(struct context *c, uint64_t key,
				const void *frame, uint32_t family);

/*
 * How the hot path is written: what is rare is a call of a COLD function, the
 * last thing that is done and by value, so that no register has to be kept on
 * the stack.  Every store counts twice here: a lock's own instruction waits
 * until all stores before it have reached the cache.
 */
HOT struct known *record_place(struct context *c, uint64_t key)
{
	const unsigned shift = 64 - KNOWN_BITS - KNOWN_SHIFT;
	const uint64_t bytes = (key * 0x9e3779b97f4a7c15u) >> shift;

	return (struct known *)((char *)c->known +
				(bytes & -sizeof(struct known)));
}

HOT struct known *record_known(struct context *c, uint64_t key,
			       const void *frame, uint32_t family)
{
	struct known *k = record_place(c, key);

	if (likely(k->as_held.key == key &&
		   known_id(k) == atomic_load_explicit(&k->object->id,
						       memory_order_relaxed)))
		return k;
	return record_learn(c, key, frame, family);
}

/* The next number of an object that the caller holds exclusively. */
HOT uint64_t record_number_held(struct object *object)
{
	uint64_t n =
		1 + atomic_load_explicit(&object->number, memory_order_relaxed);

	atomic_store_explicit(&object->number, n, memory_order_relaxed);
	return n;
}

/* The next number of an object that others may number at the same time. */
HOT uint64_t record_number_shared(struct object *object)
{
	return 1 + atomic_fetch_add_explicit(&object->number, 1,
					     memory_order_acq_rel);
}

/* The same two, if the last number was this one. */
HOT bool record_number_next_held(struct object *object, uint64_t last)
{
	if (unlikely(atomic_load_explicit(&object->number,
					  memory_order_relaxed) != last))
		return false;
	atomic_store_explicit(&object->number, last + 1, memory_order_relaxed);
	return true;
}

HOT bool record_number_next(struct object *object, uint64_t last)
{
	return likely(atomic_compare_exchange_strong_explicit(
		&object->number, &last, last + 1, memory_order_acq_rel,
		memory_order_relaxed));
}

/* Adds SEQ to the event unless it follows on this context's own number. */
HOT void record_seq(struct known *k, struct fields *f, uint64_t number)
{
	if (number != k->number + 1) {
		f->mask |= CMSHIM_SEQ;
		f->seq = number;
	}
	k->number = known_code(k).packed ? number : NOT_OURS;
}

HOT void record_optional(struct fields *f, uint32_t call, uint32_t flags)
{
	f->call = call;
	f->flags = flags;
	f->mask |= (call != NATURAL ? CMSHIM_CALL : 0) |
		   (flags ? CMSHIM_FLAGS : 0);
}

/* A lock for which there is no room: what is held is looked at soon. */
COLD void record_hold_more(struct context *c, const struct known *k,
			   uint32_t how);

/* Puts a lock on the held list. */
HOT void record_hold(struct context *c, const struct known *k, uint32_t how)
{
	if (unlikely(c->n_held >= c->held_room)) {
		record_hold_more(c, k, how);
		return;
	}
	c->n_held++;
	c->held[c->n_held] = k->as_held;
	if (how)
		c->held[c->n_held].what = held_as(k->as_held.what, how);
}

/* Takes one off the list: c->held[at]. */
void record_drop(struct context *c, uint32_t at);

/* Whether the hold that begins is one of the sample. */
HOT bool record_samples(struct context *c)
{
	if (likely(c->until_sample)) {
		c->until_sample--;
		return false;
	}
	c->until_sample = encode_until_sample(c, c->events.chunk->hold_period);
	return true;
}

/* What is said of an event that has an object and a stack: by which call, and
   enum cmshim_flag, or-ed. */
struct taken {
	uint32_t call, flags;
};

/*
 * What records on the hot path returns where the next record will be, for
 * context_leave_at() or the writer.
 */

/* Such an event with its number, of which more is to be told than a few
   bytes. */
APART uint8_t *record_told(struct context *c, struct known *k,
			   struct code stack, uint64_t number,
			   enum cmshim_op op, struct taken taken);

/* The same, in those few bytes if they are enough. */
HOT uint8_t *record_brief(struct context *c, struct known *k, struct code stack,
			  uint64_t number, enum cmshim_op op,
			  struct taken taken)
{
	uint8_t *next = NULL;

	if (likely(number == k->number + 1))
		next = encode_brief(c,
				    encode_around(op, taken.call, taken.flags),
				    known_code(k), stack);
	if (unlikely(!next))
		return record_told(c, k, stack, number, op, taken);
	k->number = number;
	return next;
}

/* The same of a lock that was taken. */
HOT uint8_t *record_taken(struct context *c, struct known *k, struct code stack,
			  uint64_t number, enum cmshim_op op,
			  struct taken taken)
{
	const uint64_t same = encode_same(op, known_code(k), stack);

	if (taken.call != NATURAL || taken.flags || number != k->number + 1)
		return record_brief(c, k, stack, number, op, taken);
	if (same == c->again) {
		k->number = number;
		return encode_acquire_again(c);
	}
	c->again = same;
	return record_brief(c, k, stack, number, op, taken);
}

/*
 * An event that others may number at the same time, of an op that needs no
 * more than an object and a stack: POST, TAKE, SIGNAL, BROADCAST.  k is not
 * NULL.
 */
HOT uint8_t *record_plain(struct context *c, struct known *k, struct code stack,
			  enum cmshim_op op, struct taken taken,
			  uint64_t *number)
{
	*number = record_number_shared(k->object);
	return record_brief(c, k, stack, *number, op, taken);
}

/* A lock was taken, and the hold is one of the sample. */
APART uint8_t *record_took_sampled(struct context *c, struct known *k,
				   struct code stack, bool shared,
				   struct taken taken);

/* Of context.holds: one acquire less until the next sample, and one lock more
   that is held. */
#define ONE_ACQUIRE (((uint64_t)1 << 32) - 1)

/* The lock was taken at once.  k, not NULL, and stack were looked up before:
   it is held for no longer than need be. */
HOT uint8_t *record_took(struct context *c, struct known *k, struct code stack,
			 bool shared, struct taken taken)
{
	const enum cmshim_op op =
		shared ? CMSHIM_OP_ACQUIRE_SHARED : CMSHIM_OP_ACQUIRE;
	struct held *top;
	uint64_t holds;

	if (unlikely(__builtin_sub_overflow(c->holds, ONE_ACQUIRE, &holds) ||
		     (uint32_t)holds > c->held_room))
		return record_took_sampled(c, k, stack, shared, taken);
	c->holds = holds;
	top = &c->held[(uint32_t)holds];
	*top = k->as_held;
	if (shared)
		top->what = held_as(k->as_held.what, HELD_SHARED);
	return record_taken(c, k, stack,
			    shared ? record_number_shared(k->object)
				   : record_number_held(k->object),
			    op, taken);
}

/* The same, of a lock that is looked up when it is held. */
void record_acquire(struct context *c, const void *frame, uint64_t key,
		    bool shared, uint32_t call, uint32_t flags);

/* The lock is about to be given up. */
APART void record_release(struct context *c, const void *frame, uint64_t key);

/* The same, and the context is left. */
APART void record_release_and_leave(struct context *c, const void *frame,
				    uint64_t key);

/* The same, where no more is to be told than that it is the top of the held
   list.  NULL: more is, and nothing was done. */
HOT uint8_t *record_release_top(struct context *c, uint64_t key)
{
	const enum object_class class = object_class(key);
	struct known *k = record_place(c, key);
	const struct held *top = &c->held[c->n_held];
	uint64_t number;
	bool shared = false;

	if (unlikely(k->as_held.key != key ||
		     atomic_load_explicit(&k->object->waiting,
					  memory_order_relaxed)))
		return NULL;
	if (class == OBJECT_RWLOCK || class == OBJECT_OWN_RWLOCK)
		shared = top->what == held_as(k->as_held.what, HELD_SHARED);
	if (unlikely(!shared && top->what != k->as_held.what))
		return NULL;
	number = k->number;
	if (unlikely(!(shared ? record_number_next(k->object, number)
			      : record_number_next_held(k->object, number))))
		return NULL;
	c->holds--;
	k->number = number + 1;
	return encode_release(c, shared ? CMSHIM_OP_RELEASE_SHARED
					: CMSHIM_OP_RELEASE);
}

/* The release recorded last did not happen. */
COLD void record_release_failed(struct context *c, const void *frame,
				uint64_t key, int error);

/*
 * A wait that was begun.  It outlives the context's use: the thread blocks in
 * between.
 */
struct record_wait {
	struct object *object; /* NULL: not recorded */
	uint64_t key;
	uint32_t op; /* of the event if it succeeds */
	struct taken taken;
};

/* Found busy, about to wait for it; k NULL: untracked.  op: ACQUIRE,
   ACQUIRE_SHARED or TAKE. */
COLD void record_request(struct context *c, const struct known *k,
			 struct code stack, enum cmshim_op op,
			 struct taken taken, struct record_wait *wait);

/* The wait is over: error 0, or why it failed.  Enters the context itself. */
COLD void record_waited(const void *frame, const struct record_wait *wait,
			int error, uint32_t flags);

/* It failed at once: busy, or an error. */
COLD void record_refused(struct context *c, const void *frame, uint64_t key,
			 uint32_t call, uint32_t flags, int error);

/*
 * An event that takes a number, with nothing more to it: POST, TAKE, SIGNAL,
 * ARRIVE, DEPART, ONCE_..., DESTROY, CONSISTENT, WAIT, WAKE.  f has what the
 * op's row does not: arg, code, flags, call and their mask bits; OBJECT, and
 * by the row STACK and TIME, are filled in.  Returns the number; 0: untracked.
 */
uint64_t record_numbered(struct context *c, const void *frame, uint64_t key,
			 enum cmshim_op op, struct fields *f);

/* The memory it lies in is about to be given back. */
COLD void record_freed(struct context *c, const void *frame, uint64_t key);

/*
 * A new object begins at an address: by an init call, or a map that was made.
 * What was there before is another one.  count: see INIT in trace.h; else 0.
 */
COLD void record_init(struct context *c, const void *frame, uint64_t key,
		      uint32_t call, uint64_t count);
COLD void record_new(struct context *c, const void *frame, uint64_t key,
		     enum cmshim_op op, uint32_t call, uint32_t family);

/*
 * A map was found empty: if it was written before, it is from now on another
 * one; or it was not, and is another one if it was destroyed.  Of several
 * threads that find it so at once, one makes it another, and none while a call
 * is inside.
 */
COLD void record_renew(struct context *c, const void *frame, uint64_t key,
		       uint32_t family, bool was_destroyed);

/* The number that definitions and events know the object by; 0: none. */
uint32_t record_id(struct context *c, const void *frame, uint64_t key);

#endif

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
	return &c->known[(key * 0x9e3779b97f4a7c15u) >> (64 - KNOWN_BITS)];
}

HOT struct known *record_known(struct context *c, uint64_t key,
			       const void *frame, uint32_t family)
{
	struct known *k = record_place(c, key);

	if (likely(k->key == key &&
		   k->id == atomic_load_explicit(&k->object->id,
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

/* Adds SEQ to the event unless it follows on this context's own number. */
HOT void record_seq(struct known *k, struct fields *f, uint64_t number)
{
	if (number != k->number + 1) {
		f->mask |= CMSHIM_SEQ;
		f->seq = number;
	}
	k->number = number;
}

HOT void record_optional(struct fields *f, uint32_t call, uint32_t flags)
{
	f->call = call;
	f->flags = flags;
	f->mask |= (call != NATURAL ? CMSHIM_CALL : 0) |
		   (flags ? CMSHIM_FLAGS : 0);
}

/* Puts a lock on the held list.  Returns CMSHIM_SAMPLED or 0. */
HOT uint32_t record_hold(struct context *c, const struct known *k, bool shared)
{
	bool sampled = c->until_sample == 0;

	if (likely(!sampled))
		c->until_sample--;
	else
		c->until_sample = encode_until_sample(c);
	if (likely(c->n_held < MAX_HELD))
		c->held[c->n_held++] = (struct held){
			.key = k->key,
			.id = k->id,
			.known = (uint16_t)(k - c->known),
			.shared = shared,
			.sampled = sampled,
		};
	return sampled ? CMSHIM_SAMPLED : 0;
}

/* An acquire with its number, by all means. */
COLD void record_acquire_any(struct context *c, const void *frame,
			     struct known *k, uint64_t number, bool shared,
			     uint32_t call, uint32_t flags);

/* The lock was taken at once. */
HOT void record_acquire(struct context *c, const void *frame, uint64_t key,
			bool shared, uint32_t call, uint32_t flags)
{
	struct known *k = record_known(c, key, frame, 0);
	struct code stack;
	uint64_t number;

	if (unlikely(!k))
		return;
	stack = stack_code_of(c, frame);
	number = shared ? record_number_shared(k->object)
			: record_number_held(k->object);
	flags |= record_hold(c, k, shared);
	if (unlikely(call != NATURAL || flags || number != k->number + 1 ||
		     !k->code.bits || !stack.bits)) {
		record_acquire_any(c, frame, k, number, shared, call, flags);
		return;
	}
	k->number = number;
	encode_brief(c, shared ? CMSHIM_OP_ACQUIRE_SHARED : CMSHIM_OP_ACQUIRE,
		     k->code, stack);
}

/* A release of what is not on top of the held list, or not on it. */
COLD void record_release_any(struct context *c, const void *frame,
			     uint64_t key);

/* A release of the top of the held list, with number and perhaps a stamp. */
COLD void record_release_told(struct context *c, struct known *k,
			      uint64_t number, bool shared, bool stamped);

/* The lock is about to be given up. */
HOT void record_release(struct context *c, const void *frame, uint64_t key)
{
	const struct held *top = &c->held[c->n_held - 1];
	struct known *k;
	uint64_t number;
	bool stamped;

	if (unlikely(!c->n_held || top->key != key)) {
		record_release_any(c, frame, key);
		return;
	}
	k = &c->known[top->known];
	if (unlikely(k->key != key || k->id != top->id)) {
		record_release_any(c, frame, key);
		return;
	}
	number = top->shared ? record_number_shared(k->object)
			     : record_number_held(k->object);
	stamped =
		top->sampled || atomic_load_explicit(&k->object->waiting,
						     memory_order_relaxed) != 0;
	c->n_held--;
	if (unlikely(stamped || number != k->number + 1)) {
		record_release_told(c, k, number, top->shared, stamped);
		return;
	}
	k->number = number;
	encode_brief(c,
		     top->shared ? CMSHIM_OP_RELEASE_SHARED : CMSHIM_OP_RELEASE,
		     (struct code){ 0, 0 }, (struct code){ 0, 0 });
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
	uint32_t flags;
	uint32_t call;
};

/* Found busy, about to wait for it.  op: ACQUIRE, ACQUIRE_SHARED or TAKE. */
COLD void record_request(struct context *c, const void *frame, uint64_t key,
			 enum cmshim_op op, uint32_t call, uint32_t flags,
			 struct record_wait *wait);

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
 * one.  Of several threads that find it so at once, one makes it another, and
 * none while a call is inside.
 */
COLD void record_renew(struct context *c, const void *frame, uint64_t key,
		       uint32_t family);

/* The number that definitions and events know the object by; 0: none. */
uint32_t record_id(struct context *c, const void *frame, uint64_t key);

#endif

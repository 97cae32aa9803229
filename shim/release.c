/* SPDX-License-Identifier: MIT */
/*
 * Locks that are given up, other than just so: record_release_top().
 */
#include "record.h"

#include "kind.h"

static void release_told(struct context *c, struct known *k, uint64_t number,
			 bool shared, bool stamped)
{
	const enum cmshim_op op =
		shared ? CMSHIM_OP_RELEASE_SHARED : CMSHIM_OP_RELEASE;
	struct fields f = { .mask = stamped ? CMSHIM_TIME : 0 };

	record_seq(k, &f, number);
	encode(c, op, &f);
}

/* The place of the thread's last hold of the object; 0: none. */
static uint32_t find_held(const struct context *c, uint64_t key)
{
	uint32_t i = c->n_held;

	while (i && c->held[i].key != key)
		i--;
	return i;
}

void record_drop(struct context *c, uint32_t at)
{
	for (uint32_t i = at; i < c->n_held; i++)
		c->held[i] = c->held[i + 1];
	c->n_held--;
}

/* A release of what is not on top of the held list, or not on it. */
static void release_any(struct context *c, const void *frame, uint64_t key)
{
	struct known *k = record_known(c, key, frame, 0);
	struct fields f = { .mask = CMSHIM_OBJECT };
	bool stamp = false, shared = false, foreign = false;
	uint32_t at;

	if (!k)
		return;
	at = find_held(c, key);
	f.object = known_id(k);
	if (at) {
		shared = held_how(&c->held[at]) & HELD_SHARED;
		stamp = held_how(&c->held[at]) & HELD_SAMPLED;
		record_drop(c, at);
		/* Else it was taken by a call that passes by us: of a library
		   that is bound to libc first (RTLD_DEEPBIND), or has a libc of
		   its own. */
	} else if (!kind_is_held_by(object_address(key), object_class(key),
				    c->kernel_id)) {
		foreign = true;
		atomic_fetch_or(&k->object->kind, OBJECT_HANDED_ON);
		shared = object_class(key) == OBJECT_RWLOCK &&
			 !kind_rwlock_has_writer(object_address(key));
		f.mask |= CMSHIM_FLAGS | CMSHIM_STACK;
		f.flags = CMSHIM_FOREIGN;
		f.stack = stack_of(c, frame);
	}
	record_seq(k, &f,
		   shared || foreign ? record_number_shared(k->object)
				     : record_number_held(k->object));
	if (stamp || atomic_load(&k->object->waiting))
		f.mask |= CMSHIM_TIME;
	encode(c, shared ? CMSHIM_OP_RELEASE_SHARED : CMSHIM_OP_RELEASE, &f);
}

/* Returns where the next record will be. */
HOT uint8_t *release(struct context *c, const void *frame, uint64_t key)
{
	const struct held *top = &c->held[c->n_held];
	struct known *k = record_place(c, key);
	uint8_t *next = NULL;
	uint64_t number;
	bool shared, stamped;

	if (unlikely(k->as_held.key != key || known_id(k) != held_id(top))) {
		release_any(c, frame, key);
		return c->events.pos;
	}
	shared = held_how(top) & HELD_SHARED;
	stamped =
		(held_how(top) & HELD_SAMPLED) ||
		atomic_load_explicit(&k->object->waiting, memory_order_relaxed);
	c->holds--;
	number = shared ? record_number_shared(k->object)
			: record_number_held(k->object);
	if (likely(stamped && number == k->number + 1)) {
		k->number = number;
		next = encode_stamped(c, shared ? CMSHIM_OP_RELEASE_SHARED
						: CMSHIM_OP_RELEASE);
	}
	if (likely(next != NULL))
		return next;
	release_told(c, k, number, shared, stamped);
	return c->events.pos;
}

void record_release(struct context *c, const void *frame, uint64_t key)
{
	c->events.pos = release(c, frame, key);
}

void record_release_and_leave(struct context *c, const void *frame,
			      uint64_t key)
{
	context_leave_at(c, release(c, frame, key));
}

void record_release_failed(struct context *c, const void *frame, uint64_t key,
			   int error)
{
	struct known *k = record_known(c, key, frame, 0);

	if (!k)
		return;
	encode(c, CMSHIM_OP_RELEASE_FAILED,
	       &(struct fields){ .mask = CMSHIM_OBJECT | CMSHIM_CODE,
				 .object = known_id(k),
				 .code = (uint32_t)error });
}

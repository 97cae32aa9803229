/* SPDX-License-Identifier: MIT */
#include "given_up.h"

#include "kind.h"
#include "process.h"
#include "record.h"

/* Locks of other kinds do not say who has them. */
static bool is_given_up(const struct context *c, const struct held *h)
{
	enum object_class class = object_class(h->key);
	const void *lock = (const void *)(uintptr_t)object_address(h->key);
	const struct object *o = object_look_up(h->key);
	union {
		pthread_mutex_t mutex;
		pthread_rwlock_t rwlock;
	} copy;

	/* Else it ended meanwhile. */
	if (!o || object_id(o) != held_id(h) ||
	    atomic_load(&o->kind) & OBJECT_HANDED_ON)
		return false;
	if (class == OBJECT_MUTEX)
		return process_copy(&copy, lock, sizeof(copy.mutex)) &&
		       !kind_is_held_by((uintptr_t)&copy, class, c->kernel_id);
	return class == OBJECT_RWLOCK && !(held_how(h) & HELD_SHARED) &&
	       process_copy(&copy, lock, sizeof(copy.rwlock)) &&
	       !kind_is_held_by((uintptr_t)&copy, class, c->kernel_id);
}

static void give_up(struct context *c, const void *frame, uint32_t at)
{
	const uint64_t key = c->held[at].key;
	struct fields f = { .mask = CMSHIM_OBJECT | CMSHIM_FLAGS,
			    .flags = CMSHIM_UNSEEN };
	struct known *k = record_known(c, key, frame, 0);

	record_drop(c, at);
	if (!k)
		return;
	/* It may be others' by now. */
	f.object = known_id(k);
	record_seq(k, &f, record_number_shared(k->object));
	encode(c, CMSHIM_OP_RELEASE, &f);
}

bool given_up_look(struct context *c, const void *frame)
{
	uint32_t i = 1;

	while (i <= c->n_held && c->events.pos < c->events.limit)
		if (is_given_up(c, &c->held[i]))
			give_up(c, frame, i);
		else
			i++;
	return i > c->n_held;
}

void given_up_end(const void *frame)
{
	struct context *c;
	bool more = context_self && context_self->n_held;

	while (more && (c = context_enter(frame))) {
		more = !given_up_look(c, frame);
		context_leave(c);
	}
}

void given_up_lock(struct context *c, const void *frame, uint64_t key)
{
	for (uint32_t i = c->n_held; i > 0; i--)
		if (c->held[i].key == key && is_given_up(c, &c->held[i]))
			give_up(c, frame, i);
}

void given_up_crowd(struct context *c, const void *frame)
{
	if (!given_up_look(c, frame))
		return;
	c->is_crowded = false;
	if (c->n_held < FEW_HELD / 2)
		c->held_room = FEW_HELD;
}

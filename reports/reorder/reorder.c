/* SPDX-License-Identifier: MIT */
/*
 * Whatever hands order on, a semaphore or a condition, is a thread of its own
 * to the closure: each giving is an event of it that comes after the giver's,
 * and who obtains comes after all of them so far.
 */
#include "reorder/reorder.h"

#include <stdlib.h>

#include "reorder/reorder_parts.h"
#include "world/kin.h"

static void open_window(struct reorder *r)
{
	r->window++;
	r->closure = closure_new();
	for (uint32_t i = 0; i < r->info->n_threads; i++)
		closure_add_thread(r->closure, i);
	r->n_locks = 0;
	r->n_acquires = 0;
	r->n_gifts = 1;
	r->n_steps = 0;
	r->n_candidates = 0;
}

struct reorder *reorder_new(const struct trace_info *info, size_t window,
			    uint64_t max_steps)
{
	struct reorder *r = zeroed(1, sizeof(*r));

	r->info = info;
	r->window_steps = window;
	r->max_steps = max_steps;
	r->objects = zeroed(info->n_objects, sizeof(*r->objects));
	r->threads = zeroed(info->n_threads, sizeof(*r->threads));
	r->asked_for = ledger_of(sizeof(struct asked_for));
	r->gifts = grow(NULL, &r->room_gifts, 0, sizeof(*r->gifts));
	open_window(r);
	return r;
}

static void close_window(struct reorder *r)
{
	reorder_forget_sorted(r);
	r->steps += closure_steps(r->closure);
	r->n_earlier += r->n_candidates;
	closure_free(r->closure);
}

void reorder_free(struct reorder *r)
{
	close_window(r);
	for (size_t i = 0; i < r->info->n_threads; i++)
		store_free(r->threads[i].holds);
	ledger_release(&r->asked_for);
	store_free(r->objects);
	store_free(r->threads);
	store_free(r->gifts);
	store_free(r->candidates);
	store_free(r);
}

static struct object *object_at(struct reorder *r, uint32_t object)
{
	struct object *o = &r->objects[object];

	if (o->window != r->window) {
		o->window = r->window;
		o->lock = 0;
		o->channel = 0;
		o->written = 0;
	}
	return o;
}

/* The thread's hold of it, or NULL. */
static struct reorder_hold *hold_of(const struct thread *t, uint32_t object)
{
	for (size_t i = t->n_holds; i > 0; i--)
		if (t->holds[i - 1].object == object)
			return &t->holds[i - 1];
	return NULL;
}

static void stir(struct reorder *r, struct thread *t)
{
	t->stirred = t->pos;
	r->n_steps++;
}

/* At the thread's place; 0: it was held before the window. */
static size_t add_acquire(struct reorder *r, uint32_t thread, uint32_t object,
			  bool shared, uint32_t pos)
{
	struct object *o = object_at(r, object);

	if (!o->lock)
		o->lock = ++r->n_locks;
	return closure_add_acquire(r->closure, thread, pos,
				   &(struct acquired){
					   .lock = o->lock - 1,
					   .is_shared = shared,
					   .event = r->n_acquires++,
					   .until = NO_RELEASE,
				   });
}

void reorder_begin_window(struct reorder *r)
{
	close_window(r);
	open_window(r);
	for (uint32_t i = 1; i < r->info->n_threads; i++) {
		struct thread *t = &r->threads[i];

		t->pos = 0;
		t->stirred = 0;
		t->last.object = 0;
		for (size_t k = 0; k < t->n_holds; k++)
			t->holds[k].acquire =
				add_acquire(r, i, t->holds[k].object,
					    t->holds[k].shared, 0);
	}
}

static bool is_failed_release(const struct event *ev, uint32_t object)
{
	return ev->op == CMSHIM_OP_RELEASE_FAILED && ev->object == object;
}

/* Taken though it is held: a release was not seen. */
static bool is_impossible(const struct reorder *r, const struct event *ev)
{
	const struct object *o = &r->objects[ev->object];
	const struct reorder_hold *own =
		hold_of(&r->threads[ev->thread], ev->object);

	if (ev->op != CMSHIM_OP_ACQUIRE && ev->op != CMSHIM_OP_ACQUIRE_SHARED)
		return false;
	return (o->owner && o->owner != ev->thread) ||
	       (!ev->shared && o->n_shared > (own && own->shared));
}

bool reorder_ends_window(const struct reorder *r, const struct event *ev)
{
	const struct thread *t = &r->threads[ev->thread];

	return r->n_steps + r->n_candidates >= r->window_steps ||
	       ev->op == EVENT_GAP || ev->op == CMSHIM_OP_DROP ||
	       (t->foreign && !is_failed_release(ev, t->foreign)) ||
	       is_impossible(r, ev);
}

const struct reorder_hold *reorder_holds(const struct reorder *r,
					 uint32_t thread, size_t *n)
{
	*n = r->threads[thread].n_holds;
	return r->threads[thread].holds;
}

void reorder_put(struct reorder *r, uint32_t key, uint32_t thread)
{
	const struct thread *t = &r->threads[thread];
	bool is_new;
	struct asked_for *a = ledger_at(&r->asked_for, key, thread, &is_new);

	a->n++;
	if (a->window == r->window && a->stirred == t->stirred)
		return;
	a->window = r->window;
	a->stirred = t->stirred;
	r->candidates = grow(r->candidates, &r->room_candidates,
			     r->n_candidates, sizeof(*r->candidates));
	r->candidates[r->n_candidates++] = (struct candidate){
		.key = key,
		.thread = thread,
		.pos = t->pos + 1,
		.nth = a->n,
	};
}

static void take_off(struct reorder *r, uint32_t thread,
		     struct reorder_hold *hold)
{
	struct thread *t = &r->threads[thread];
	struct object *o = &r->objects[hold->object];

	if (!hold->shared)
		o->owner = 0;
	else if (o->n_shared)
		o->n_shared--;
	*hold = t->holds[--t->n_holds];
}

static void forget_holders(struct reorder *r, uint32_t object)
{
	const struct object *o = &r->objects[object];

	for (uint32_t i = 1; i < r->info->n_threads; i++) {
		struct reorder_hold *hold = NULL;

		if (o->owner || o->n_shared)
			hold = hold_of(&r->threads[i], object);
		if (hold)
			take_off(r, i, hold);
	}
	r->objects[object].owner = 0;
	r->objects[object].n_shared = 0;
}

static void put_on(struct reorder *r, uint32_t thread,
		   const struct reorder_hold *hold)
{
	struct thread *t = &r->threads[thread];

	t->holds =
		grow(t->holds, &t->room_holds, t->n_holds, sizeof(*t->holds));
	t->holds[t->n_holds++] = *hold;
	if (hold->shared)
		r->objects[hold->object].n_shared++;
	else
		r->objects[hold->object].owner = thread;
}

static void give(struct reorder *r, const struct event *ev)
{
	struct object *o = object_at(r, ev->object);
	struct thread *t = &r->threads[ev->thread];

	if (!o->channel) {
		r->gifts = grow(r->gifts, &r->room_gifts, r->n_gifts,
				sizeof(*r->gifts));
		r->gifts[r->n_gifts] = 0;
		o->channel = (uint32_t)r->n_gifts++;
	}
	closure_add_after(r->closure,
			  (uint32_t)(r->info->n_threads + o->channel),
			  ++r->gifts[o->channel], ev->thread, t->pos);
	stir(r, t);
}

static void obtain(struct reorder *r, const struct event *ev)
{
	const struct object *o = object_at(r, ev->object);
	struct thread *t = &r->threads[ev->thread];

	if (!o->channel)
		return;
	closure_add_after(r->closure, ev->thread, t->pos,
			  (uint32_t)(r->info->n_threads + o->channel),
			  r->gifts[o->channel]);
	stir(r, t);
}

static void acquire(struct reorder *r, const struct event *ev, bool shared)
{
	struct thread *t = &r->threads[ev->thread];
	struct reorder_hold *own = hold_of(t, ev->object);

	if (!kin_is_lock(r->info, ev->object))
		return;
	if (own) {
		own->depth += ev->op != CMSHIM_OP_HELD;
		return;
	}
	if (is_impossible(r, ev))
		forget_holders(r, ev->object);
	obtain(r, ev);
	put_on(r, ev->thread,
	       &(struct reorder_hold){
		       .object = ev->object,
		       .stack = ev->stack,
		       .shared = shared,
		       .depth = 1,
		       .acquire = add_acquire(r, ev->thread, ev->object, shared,
					      t->pos),
	       });
	stir(r, t);
}

static void release(struct reorder *r, const struct event *ev)
{
	struct thread *t = &r->threads[ev->thread];
	struct reorder_hold *own = hold_of(t, ev->object);

	t->last.object = 0;
	if (!kin_is_lock(r->info, ev->object))
		return;
	if (!own) {
		t->foreign = ev->object;
		return;
	}
	t->last = *own;
	if (--own->depth > 0)
		return;
	closure_set_until(r->closure, ev->thread, own->acquire, t->pos);
	take_off(r, ev->thread, own);
	stir(r, t);
}

static void unrelease(struct reorder *r, const struct event *ev)
{
	struct thread *t = &r->threads[ev->thread];
	struct reorder_hold *own = hold_of(t, ev->object);

	if (!t->last.object || t->last.object != ev->object)
		return;
	if (own) {
		own->depth = t->last.depth;
	} else {
		closure_set_until(r->closure, ev->thread, t->last.acquire,
				  NO_RELEASE);
		put_on(r, ev->thread, &t->last);
	}
	t->last.object = 0;
}

static void use_map(struct reorder *r, const struct event *ev, bool is_write)
{
	struct object *o = object_at(r, ev->object);
	struct thread *t = &r->threads[ev->thread];

	if (o->channel)
		obtain(r, ev);
	if (is_write) {
		o->writer = ev->thread;
		o->written = t->pos;
		t->stirred = t->pos;
	} else if (o->written && o->writer != ev->thread) {
		closure_add_read(r->closure, ev->thread, t->pos, o->writer,
				 o->written);
		stir(r, t);
	}
}

/* Creating, and joining, which waits for all that the other ever does. */
static void meet_thread(struct reorder *r, const struct event *ev)
{
	struct thread *t = &r->threads[ev->thread];

	if (!ev->other || ev->other == ev->thread)
		return;
	if (ev->op == CMSHIM_OP_CREATE)
		closure_add_start(r->closure, ev->other,
				  r->threads[ev->other].pos + 1, ev->thread,
				  t->pos);
	else
		closure_add_after(r->closure, ev->thread, t->pos, ev->other,
				  NO_RELEASE);
	stir(r, t);
}

static void order_event(struct reorder *r, const struct event *ev)
{
	switch (ev->op) {
	case CMSHIM_OP_SIGNAL:
	case CMSHIM_OP_BROADCAST:
	case CMSHIM_OP_POST:
	case CMSHIM_OP_ARRIVE:
	case CMSHIM_OP_ONCE_RAN:
	case CMSHIM_OP_HAPPENS_BEFORE:
	case CMSHIM_OP_INIT:
	case CMSHIM_OP_MAP_NEW:
		give(r, ev);
		break;
	case CMSHIM_OP_TAKE:
	case CMSHIM_OP_DEPART:
	case CMSHIM_OP_ONCE_RETURN:
	case CMSHIM_OP_HAPPENS_AFTER:
		obtain(r, ev);
		break;
	case CMSHIM_OP_WAKE:
		if (!ev->code)
			obtain(r, ev);
		break;
	case CMSHIM_OP_CREATE:
	case CMSHIM_OP_JOIN:
		meet_thread(r, ev);
		break;
	case CMSHIM_OP_MAP_READ:
	case CMSHIM_OP_MAP_NEXT:
		use_map(r, ev, false);
		break;
	case CMSHIM_OP_MAP_WRITE:
	case CMSHIM_OP_MAP_FREE:
		use_map(r, ev, true);
		break;
	case CMSHIM_OP_MAP_ENTER:
		use_map(r, ev, ev->flags & CMSHIM_WRITE);
		break;
	}
}

void reorder_event(struct reorder *r, const struct event *ev)
{
	struct thread *t = &r->threads[ev->thread];

	t->pos++;
	if (t->foreign && !is_failed_release(ev, t->foreign))
		forget_holders(r, t->foreign);
	t->foreign = 0;
	switch (ev->op) {
	case CMSHIM_OP_ACQUIRE:
	case CMSHIM_OP_ACQUIRE_SHARED:
		acquire(r, ev, ev->shared);
		break;
	case CMSHIM_OP_HELD:
		if (!r->objects[ev->object].owner)
			acquire(r, ev, ev->arg == 1);
		break;
	case CMSHIM_OP_RELEASE:
	case CMSHIM_OP_RELEASE_SHARED:
		release(r, ev);
		break;
	case CMSHIM_OP_RELEASE_FAILED:
		unrelease(r, ev);
		break;
	case EVENT_GAP:
		forget_holders(r, ev->object);
		break;
	default:
		order_event(r, ev);
	}
}

uint64_t reorder_steps(const struct reorder *r)
{
	return r->steps + closure_steps(r->closure);
}

uint32_t reorder_n_windows(const struct reorder *r)
{
	return r->window;
}

/* SPDX-License-Identifier: MIT */
/*
 * The state of locks and threads, event by event.  Judges nothing: what
 * cannot be (a lock taken while another thread has it) follows the later
 * event, which is the one that is known to have happened.
 *
 * What a thread holds is a short list in the order taken, searched from its
 * end, so that an event costs the same however long the trace is.
 */
#include "world/world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fetch.h"
#include "store.h"
#include "world/kin.h"
#include "world/lockset.h"
#include "world/order.h"

struct world_undo {
	struct held taken_off; /* object 0: nothing to undo */
	uint32_t from;	       /* thread that held it */
	size_t place;	       /* in its list */
};

/*
 * A mutex of these kinds compares its owner with the caller, so a release by
 * anybody else fails and leaves it as it is.
 */
static const uint32_t checks_owner = CMSHIM_RECURSIVE | CMSHIM_ERRORCHECK |
				     CMSHIM_ROBUST | CMSHIM_PRIO_INHERIT;

/*
 * An init call makes an object of its own of what is at an address.  Of
 * several numbers that threads gave to one at the same time each is before
 * the next.
 */
static void find_before(struct world *world)
{
	const struct trace_info *info = world->info;
	struct table *last = table_new(); /* at an address, by class */

	for (uint32_t i = 1; i < info->n_objects; i++) {
		const struct object_info *o = &info->objects[i];
		uint64_t *at;

		if (!o->address)
			continue;
		at = table_at(last, o->address,
			      (uint64_t)o->class << 32 | o->generation);
		world->objects[i].before = (uint32_t)*at;
		*at = i;
	}
	for (uint32_t i = 1; i < info->n_objects; i++) {
		const struct object_info *o = &info->objects[i];
		const uint64_t *at;

		if (!o->address || !o->generation || world->objects[i].before)
			continue;
		at = table_find(last, o->address,
				(uint64_t)o->class << 32 | (o->generation - 1));
		world->objects[i].before = at ? (uint32_t)*at : 0;
	}
	for (size_t i = 1; i < info->n_objects; i++)
		if (world->objects[i].before)
			world->objects[world->objects[i].before].is_followed =
				true;
	table_free(last);
}

static bool has_maps(const struct world *world)
{
	return world->classes & 1u << CMSHIM_MAP;
}

void world_init(struct world *world, const struct trace_info *info,
		bool is_ordered)
{
	*world = (struct world){
		.info = info,
		.threads = zeroed(info->n_threads, sizeof(*world->threads)),
		.objects = zeroed(info->n_objects, sizeof(*world->objects)),
		.undo = zeroed(info->n_threads, sizeof(*world->undo)),
		.classes = kin_classes(info),
	};
	world->locksets = locksets_new();
	if (is_ordered && has_maps(world))
		world->order = order_new(info);
	find_before(world);
}

void world_release(struct world *world)
{
	for (size_t i = 0; i < world->info->n_threads; i++)
		store_free(world->threads[i].held);
	order_free(world->order);
	locksets_free(world->locksets);
	store_free(world->threads);
	store_free(world->objects);
	store_free(world->undo);
	*world = (struct world){ .info = NULL };
}

/* The place after the last matching hold; 0: none. */
static size_t find_held(const struct world_thread *t, uint32_t object)
{
	size_t i = t->n_held;

	while (i > 0 && t->held[i - 1].object != object)
		i--;
	return i;
}

const struct held *world_holds(const struct world *world, uint32_t thread,
			       uint32_t object)
{
	const struct world_thread *t = &world->threads[thread];
	size_t i = find_held(t, object);

	return i ? &t->held[i - 1] : NULL;
}

uint32_t world_holder(const struct world *world, uint32_t object)
{
	const struct world_object *o = &world->objects[object];

	if (o->owner || !o->n_shared)
		return o->owner;
	for (uint32_t i = 1; i < world->info->n_threads; i++)
		if (world_holds(world, i, object))
			return i;
	return 0;
}

/* To be filled in, in place: what is copied right after it was written waits
   for the writes. */
static struct held *insert_held(struct world_thread *t, size_t place)
{
	if (place > t->n_held)
		place = t->n_held;
	if (t->n_held == t->room_held)
		t->held = grow(t->held, &t->room_held, t->n_held,
			       sizeof(*t->held));

	if (place != t->n_held)
		memmove(&t->held[place + 1], &t->held[place],
			(t->n_held - place) * sizeof(*t->held));
	t->n_held++;
	t->has_lockset = false;
	return &t->held[place];
}

static void remove_held(struct world_thread *t, size_t place)
{
	t->n_held--;
	t->has_lockset = false;
	if (place != t->n_held)
		memmove(&t->held[place], &t->held[place + 1],
			(t->n_held - place) * sizeof(*t->held));
}

static void forget_held(struct world_thread *t, uint32_t object)
{
	size_t i;

	while ((i = find_held(t, object)) != 0)
		remove_held(t, i - 1);
}

/* Nobody holds the object any more, whoever was thought to. */
static void forget_holders(struct world *world, uint32_t object)
{
	struct world_object *o = &world->objects[object];

	if (o->owner)
		forget_held(&world->threads[o->owner], object);
	if (o->n_shared)
		for (size_t i = 0; i < world->info->n_threads; i++)
			forget_held(&world->threads[i], object);
	o->owner = 0;
	o->depth = 0;
	o->n_shared = 0;
}

/* What was at the address before is gone, with all holds of it; what was
   there before that went when this came. */
static void init(struct world *world, uint32_t object)
{
	const struct object_info *all = world->info->objects;

	world->objects[object].uncertain = false;
	for (uint32_t i = object;
	     i && all[i].generation + 1 >= all[object].generation;
	     i = world->objects[i].before)
		forget_holders(world, i);
}

static void end_request(struct world *world, struct world_thread *t)
{
	struct world_object *o = &world->objects[t->waits_for];

	if (!t->waits_for)
		return;
	if (o->n_waiting)
		o->n_waiting--;
	t->waits_for = 0;
	t->wait_stack = 0;
	t->waits_shared = false;
}

static void request(struct world *world, const struct event *ev)
{
	struct world_thread *t = &world->threads[ev->thread];

	end_request(world, t);
	if (!ev->object)
		return;

	t->waits_for = ev->object;
	t->wait_stack = ev->stack;
	t->waits_shared = ev->shared;
	t->waits_since_ns = ev->time_ns;
	world->objects[ev->object].n_waiting++;
}

/* Counts a hold that is already in, or about to enter, the thread's list. */
static void own(struct world *world, uint32_t thread, uint32_t object,
		bool shared)
{
	struct world_object *o = &world->objects[object];

	o->was_held = true;
	if (shared) {
		o->n_shared++;
	} else if (o->owner == thread) {
		o->depth++;
	} else {
		o->owner = thread;
		o->depth = 1;
	}
}

static void acquire(struct world *world, const struct event *ev)
{
	struct world_thread *t = &world->threads[ev->thread];
	struct world_object *o = &world->objects[ev->object];

	if (t->waits_for == ev->object)
		end_request(world, t);
	if (!ev->object)
		return;

	if (world_gave_up(world, ev))
		o->given_up = true;
	/*
	 * An owner that died with a robust mutex, or whose release was not
	 * seen, does not have it any more; nor do readers, if others write.
	 */
	if (o->owner && o->owner != ev->thread) {
		forget_held(&world->threads[o->owner], ev->object);
		o->owner = 0;
	}
	if (o->n_shared && !ev->shared) {
		forget_holders(world, ev->object);
		o->given_up = true;
	}
	own(world, ev->thread, ev->object, ev->shared);
	*insert_held(t, t->n_held) = (struct held){
		.object = ev->object,
		.stack = ev->stack,
		.shared = ev->shared,
		.has_time = ev->has_time,
		.weight = ev->weight,
		.since_ns = ev->time_ns,
		.index = ev->index,
	};
}

static void restate(struct world *world, const struct event *ev)
{
	struct world_thread *t = &world->threads[ev->thread];
	const struct world_object *o = &world->objects[ev->object];
	bool shared = ev->shared || ev->arg == 1;

	if (!ev->object || find_held(t, ev->object))
		return;
	if (o->owner && o->owner != ev->thread)
		return;

	own(world, ev->thread, ev->object, shared);
	*insert_held(t, t->n_held) = (struct held){
		.object = ev->object,
		.stack = ev->stack,
		.shared = shared,
		.restated = true,
		.index = ev->index,
	};
}

/* Takes one hold off the thread's list and remembers it for `by`. */
static void take_off(struct world *world, uint32_t thread, size_t place,
		     uint32_t by)
{
	struct world_thread *t = &world->threads[thread];
	struct held h = t->held[place];
	struct world_object *o = &world->objects[h.object];

	world->undo[by] = (struct world_undo){
		.taken_off = h,
		.from = thread,
		.place = place,
	};
	remove_held(t, place);
	if (h.shared) {
		if (o->n_shared)
			o->n_shared--;
	} else if (o->owner == thread && --o->depth == 0) {
		o->owner = 0;
	}
}

/*
 * The list of the releasing thread decides first, for the mode too.  Somebody
 * else's hold ends only where the library lets it.
 */
static void release(struct world *world, const struct event *ev)
{
	struct world_object *o = &world->objects[ev->object];
	const struct object_info *info = &world->info->objects[ev->object];
	size_t i = find_held(&world->threads[ev->thread], ev->object);
	uint32_t from = ev->thread;

	world->undo[ev->thread].taken_off.object = 0;
	o->uncertain = false;
	if (ev->flags & CMSHIM_UNSEEN)
		o->given_up = true;
	if (!i && o->owner && !(info->kind & checks_owner)) {
		from = o->owner;
		i = find_held(&world->threads[from], ev->object);
	}
	if (!i && o->before) {
		/* It was taken before an init call made it another one. */
		from = ev->thread;
		i = find_held(&world->threads[from], o->before);
	}
	if (i)
		take_off(world, from, i - 1, ev->thread);
}

static void destroy(struct world *world, const struct event *ev)
{
	struct world_object *o = &world->objects[ev->object];

	if (!(ev->flags & CMSHIM_UNSEEN) || (!o->owner && !o->n_shared))
		return;
	forget_holders(world, ev->object);
	o->given_up = true;
}

static void unrelease(struct world *world, const struct event *ev)
{
	struct world_undo *undo = &world->undo[ev->thread];
	const struct held *h = &undo->taken_off;
	struct world_object *o = &world->objects[ev->object];

	if (!ev->object || h->object != ev->object)
		return;
	/* It is not the owner's, says the library. */
	if (ev->code == EPERM && undo->from == ev->thread) {
		o->given_up = true;
	} else if (!o->owner || o->owner == undo->from) {
		own(world, undo->from, ev->object, h->shared);
		*insert_held(&world->threads[undo->from], undo->place) = *h;
	}
	undo->taken_off.object = 0;
}

static void apply_thread(struct world_thread *t, const struct event *ev)
{
	switch (ev->op) {
	case CMSHIM_OP_START:
		t->started = true;
		break;
	case CMSHIM_OP_EXIT:
		t->exited = true;
		break;
	case EVENT_THREAD_END:
		t->ended = true;
		break;
	case CMSHIM_OP_DROP:
		t->is_torn = true;
		break;
	case CMSHIM_OP_WAIT:
		t->waits_condition = ev->object;
		t->waits_mutex = ev->other;
		t->waits_since_ns = ev->time_ns;
		break;
	case CMSHIM_OP_WAKE:
		t->waits_condition = 0;
		t->waits_mutex = 0;
		break;
	}
}

void world_soon(const struct world *world, const struct event *ev)
{
	if (event_is_of_map(ev))
		return;
	fetch(&world->objects[ev->object], sizeof(*world->objects));
	/* Else nobody asks for what is held, but at waits. */
	if (has_maps(world) &&
	    (ev->op == CMSHIM_OP_ACQUIRE || ev->op == CMSHIM_OP_ACQUIRE_SHARED))
		locksets_soon(world->locksets, ev);
	if (world->order)
		order_soon(world->order, ev);
}

void world_change(struct world *world, const struct event *ev)
{
	struct world_thread *t = &world->threads[ev->thread];

	switch (ev->op) {
	case CMSHIM_OP_ACQUIRE:
	case CMSHIM_OP_ACQUIRE_SHARED:
		acquire(world, ev);
		break;
	case CMSHIM_OP_RELEASE:
	case CMSHIM_OP_RELEASE_SHARED:
		release(world, ev);
		break;
	case CMSHIM_OP_RELEASE_FAILED:
		unrelease(world, ev);
		break;
	case CMSHIM_OP_REQUEST:
	case CMSHIM_OP_REQUEST_SHARED:
		request(world, ev);
		break;
	case CMSHIM_OP_TAKE:
		world->objects[ev->object].was_held = true;
		/* fallthrough */
	case CMSHIM_OP_REQUEST_FAILED:
		if (t->waits_for == ev->object)
			end_request(world, t);
		break;
	case CMSHIM_OP_HELD:
		restate(world, ev);
		break;
	case CMSHIM_OP_INIT:
		init(world, ev->object);
		break;
	case CMSHIM_OP_DESTROY:
		destroy(world, ev);
		break;
	case CMSHIM_OP_FREED:
		forget_holders(world, ev->object);
		break;
	case EVENT_GAP:
		forget_holders(world, ev->object);
		world->objects[ev->object].uncertain = true;
		break;
	default:
		apply_thread(t, ev);
	}
}

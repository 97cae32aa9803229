/* SPDX-License-Identifier: MIT */
/*
 * See steps.h.  An object has a slot from its first wait on; what was done
 * to it before delayed nobody.  A merged trace may tell of a release before it
 * tells of who waited for it: that it has a stamp shows that somebody did, or,
 * where all have one, every lock has a slot.  What a section did with maps is
 * known at its end and then put into the step of its beginning too.
 */
#include "replay/steps.h"

#include <stdlib.h>

enum {
	BLOCK_STEPS = 1 << 15,
	MAX_STEPS = 5 << 20, /* 240 MiB */
	MAX_SLOTS = 1 << 16,
	OTHER_MAPS = 15,
};

struct open_hold {
	uint32_t slot, depth;
	size_t taken; /* its step, and 1; 0: none */
	bool has_time, shared, writes;
	uint64_t since_ns, waited_ns, blocked_ns;
	uint16_t keys, maps;
};

struct actor {
	struct open_hold *open;
	size_t n_open, room_open;
	uint64_t waited_ns; /* all its waits */
	uint64_t last_ns;   /* stamp */
	uint64_t arrived_ns;
	bool ended, seen;
};

struct steps {
	const struct trace_info *info;
	struct step **blocks;
	size_t n_blocks, room_blocks, n;
	uint32_t *slot_of; /* by object */
	struct slot *slots;
	size_t n_slots, room_slots;
	struct actor *actors; /* by thread */
	bool all_stamps, cut;
};

struct steps *steps_new(const struct trace_info *info)
{
	struct steps *tl = zeroed(1, sizeof(*tl));

	tl->info = info;
	tl->all_stamps = info->header->flags & CMSHIM_ALL_STAMPS;
	tl->slot_of = zeroed(info->n_objects, sizeof(*tl->slot_of));
	tl->actors = zeroed(info->n_threads, sizeof(*tl->actors));
	tl->slots = grow(NULL, &tl->room_slots, 0, sizeof(*tl->slots));
	tl->n_slots = 1;
	return tl;
}

void steps_free(struct steps *tl)
{
	for (size_t i = 0; i < tl->n_blocks; i++)
		store_free(tl->blocks[i]);
	for (size_t i = 0; i < tl->info->n_threads; i++)
		store_free(tl->actors[i].open);
	store_free(tl->blocks);
	store_free(tl->slot_of);
	store_free(tl->slots);
	store_free(tl->actors);
	store_free(tl);
}

static struct step *step_at(const struct steps *tl, size_t i)
{
	return &tl->blocks[i / BLOCK_STEPS][i % BLOCK_STEPS];
}

static void add(struct steps *tl, const struct step *step)
{
	if (tl->n == MAX_STEPS) {
		tl->cut = true;
		return;
	}
	if (tl->n == tl->n_blocks * BLOCK_STEPS) {
		tl->blocks = grow(tl->blocks, &tl->room_blocks, tl->n_blocks,
				  sizeof(*tl->blocks));
		tl->blocks[tl->n_blocks++] = zeroed(BLOCK_STEPS, sizeof(*step));
	}
	*step_at(tl, tl->n++) = *step;
}

static uint32_t slot_of(struct steps *tl, uint32_t object)
{
	if (tl->slot_of[object] || !object || tl->n_slots == MAX_SLOTS)
		return tl->slot_of[object];
	tl->slots = grow(tl->slots, &tl->room_slots, tl->n_slots,
			 sizeof(*tl->slots));
	tl->slots[tl->n_slots] = (struct slot){ .object = object };
	tl->slot_of[object] = (uint32_t)tl->n_slots++;
	return tl->slot_of[object];
}

/* A step at the event; op STEP_WOKEN and its like also end a wait. */
static void add_event(struct steps *tl, enum step_op op, const struct event *ev,
		      uint64_t wait_ns, unsigned flags)
{
	tl->actors[ev->thread].waited_ns += wait_ns;
	add(tl, &(struct step){
			.time_ns = ev->has_time ? ev->time_ns : 0,
			.wait_ns = wait_ns,
			.thread = ev->thread,
			.what = tl->slot_of[ev->object],
			.op = (uint8_t)op,
			.flags = (uint8_t)flags,
		});
}

static struct open_hold *open_of(struct actor *a, uint32_t slot)
{
	for (size_t i = a->n_open; i > 0; i--)
		if (a->open[i - 1].slot == slot)
			return &a->open[i - 1];
	return NULL;
}

static void take(struct steps *tl, const struct event *ev)
{
	struct actor *a = &tl->actors[ev->thread];
	uint32_t slot = slot_of(tl, ev->object);
	struct open_hold *h = slot ? open_of(a, slot) : NULL;

	if (h)
		h->depth++;
	if (h || !slot)
		return;
	if (a->n_open == a->room_open)
		a->open = grow(a->open, &a->room_open, a->n_open,
			       sizeof(*a->open));
	h = &a->open[a->n_open++];
	*h = (struct open_hold){
		.slot = slot,
		.depth = 1,
		.has_time = ev->has_time,
		.since_ns = ev->time_ns,
		.shared = ev->shared,
	};
	if (ev->contended)
		tl->slots[slot].wait_ns += ev->wait_ns;
	if (ev->has_time) {
		add_event(tl, STEP_TAKEN, ev, ev->contended ? ev->wait_ns : 0,
			  ev->shared ? STEP_SHARED : 0);
		h->taken = tl->cut ? 0 : tl->n;
	}
	h->waited_ns = a->waited_ns;
}

/* A hold that began before the lock was waited for by anybody. */
static struct open_hold hold_before(const struct event *ev,
				    const struct world *world)
{
	const struct held *held = world_holds(world, ev->thread, ev->object);
	struct open_hold h = { .depth = 1,
			       .writes = true,
			       .maps = 0xffff,
			       .keys = 0xffff,
			       .shared = ev->shared };

	if (held) {
		h.has_time = held->has_time;
		h.since_ns = held->since_ns;
	}
	return h;
}

/* What a section did with maps, in the step of its beginning. */
static void complete(struct steps *tl, const struct open_hold *h, bool reads)
{
	struct step *begun = step_at(tl, h->taken - 1);

	begun->keys = h->keys;
	begun->maps = h->maps;
	begun->flags |= reads ? STEP_READS : 0;
}

static void given(struct steps *tl, const struct event *ev,
		  const struct open_hold *h, uint32_t slot)
{
	struct slot *of = &tl->slots[slot];
	bool reads = h->maps && !h->writes && !h->blocked_ns;
	uint64_t waited_ns = 0;
	struct step s;

	of->n_sections++;
	of->n_reading += reads;
	if (h->taken)
		complete(tl, h, reads);
	if (!ev->has_time)
		return;
	s = (struct step){
		.time_ns = ev->time_ns,
		.blocked_ns = h->blocked_ns,
		.thread = ev->thread,
		.what = slot,
		.keys = h->keys,
		.maps = h->maps,
		.op = STEP_GIVEN,
		.flags = (uint8_t)((h->shared ? STEP_SHARED : 0) |
				   (reads ? STEP_READS : 0)),
	};
	if (h->slot)
		waited_ns = tl->actors[ev->thread].waited_ns - h->waited_ns;
	if (h->has_time && ev->time_ns >= h->since_ns + waited_ns) {
		s.wait_ns = ev->time_ns - h->since_ns - waited_ns;
		of->n_timed++;
		of->n_reading_timed += reads;
		of->reading_ns += reads ? s.wait_ns : 0;
	} else {
		s.flags |= STEP_UNTIMED;
	}
	of->n_given++;
	add(tl, &s);
}

static bool shows_waiter(const struct event *ev, const struct world *world)
{
	const struct held *held =
		ev->has_time ? world_holds(world, ev->thread, ev->object)
			     : NULL;

	return held && !held->weight;
}

static void give(struct steps *tl, const struct event *ev,
		 const struct world *world)
{
	struct actor *a = &tl->actors[ev->thread];
	uint32_t slot = slot_of(tl, ev->object);
	struct open_hold *h = open_of(a, slot);
	struct open_hold before;

	if (!slot)
		return;
	if (!h) {
		before = hold_before(ev, world);
		if (world->objects[ev->object].depth <= 1)
			given(tl, ev, &before, slot);
		return;
	}
	if (--h->depth)
		return;
	given(tl, ev, h, slot);
	*h = a->open[--a->n_open];
}

static unsigned map_bit(struct slot *slot, uint32_t map)
{
	for (unsigned i = 0; i < slot->n_maps; i++)
		if (slot->maps[i] == map)
			return i;
	if (slot->n_maps == OTHER_MAPS)
		return OTHER_MAPS;
	slot->maps[slot->n_maps] = map;
	return slot->n_maps++;
}

/* A map was used inside the thread's open sections. */
static void touch(struct steps *tl, struct actor *a, const struct event *ev)
{
	bool writes = ev->op == CMSHIM_OP_MAP_WRITE ||
		      ev->op == CMSHIM_OP_MAP_FREE ||
		      (ev->flags & CMSHIM_WRITE);
	bool keyed = ev->key && ev->op != CMSHIM_OP_MAP_NEXT &&
		     !(ev->flags & CMSHIM_ITERATOR);
	uint64_t hash = ev->key * 0x9e3779b97f4a7c15u;

	for (size_t i = 0; i < a->n_open; i++) {
		struct open_hold *h = &a->open[i];

		h->writes |= writes;
		h->keys |= keyed ? (uint16_t)(1u << (hash >> 60)) : 0xffff;
		h->maps |= (uint16_t)(1u << map_bit(&tl->slots[h->slot],
						    ev->object));
	}
}

static void blocked(struct actor *a, const struct event *ev)
{
	for (size_t i = 0; i < a->n_open; i++)
		a->open[i].blocked_ns += ev->duration_ns;
}

static void add_thread(struct steps *tl, enum step_op op,
		       const struct event *ev, uint32_t other, uint64_t wait_ns)
{
	add(tl, &(struct step){
			.time_ns = ev->has_time ? ev->time_ns : 0,
			.wait_ns = wait_ns,
			.thread = ev->thread,
			.what = other,
			.op = (uint8_t)op,
		});
}

static void end_thread(struct steps *tl, uint32_t thread, uint64_t ns)
{
	struct actor *a = &tl->actors[thread];

	if (a->ended || !a->seen)
		return;
	a->ended = true;
	add(tl, &(struct step){
			.time_ns = ns, .thread = thread, .op = STEP_ENDED });
}

static void rare(struct steps *tl, const struct event *ev,
		 const struct world *world)
{
	struct actor *a = &tl->actors[ev->thread];
	uint64_t since_ns = world->threads[ev->thread].waits_since_ns;

	switch (ev->op) {
	case CMSHIM_OP_WAIT:
		slot_of(tl, ev->object);
		break;
	case CMSHIM_OP_WAKE:
		/* Of a wait on several words the first one ends it. */
		if (world->threads[ev->thread].waits_condition &&
		    ev->has_time && ev->time_ns > since_ns)
			add_event(tl, STEP_WOKEN, ev, ev->time_ns - since_ns,
				  ev->code ? STEP_TIMED_OUT : 0);
		break;
	case CMSHIM_OP_TAKE:
	case CMSHIM_OP_REQUEST_FAILED:
		if (ev->contended && ev->has_time)
			add_event(tl, STEP_WOKEN, ev, ev->wait_ns,
				  ev->code ? STEP_TIMED_OUT : 0);
		break;
	case CMSHIM_OP_ARRIVE:
		slot_of(tl, ev->object);
		a->arrived_ns = ev->time_ns;
		add_event(tl, STEP_ARRIVED, ev, 0, 0);
		break;
	case CMSHIM_OP_DEPART:
		add_event(tl, STEP_DEPARTED, ev, ev->time_ns - a->arrived_ns,
			  0);
		break;
	case CMSHIM_OP_CREATE:
		add_thread(tl, STEP_CREATED, ev, ev->other, 0);
		break;
	case CMSHIM_OP_START:
		add_thread(tl, STEP_STARTED, ev, ev->other, 0);
		break;
	case CMSHIM_OP_JOIN:
		add_thread(tl, STEP_JOINED, ev, ev->other, ev->duration_ns);
		break;
	case CMSHIM_OP_BLOCKED:
		blocked(a, ev);
		break;
	case EVENT_THREAD_END:
		/* The first thread's end is the program's. */
		if (tl->info->threads[ev->thread].number != 1)
			end_thread(tl, ev->thread, a->last_ns);
		break;
	}
}

static struct actor *actor_of(struct steps *tl, const struct event *ev)
{
	struct actor *a = &tl->actors[ev->thread];

	a->seen = true;
	if (ev->has_time)
		a->last_ns = ev->time_ns;
	return a;
}

void steps_acquired(struct steps *tl, const struct event *ev)
{
	actor_of(tl, ev);
	if (ev->contended || tl->slot_of[ev->object] || tl->all_stamps)
		take(tl, ev);
}

void steps_released(struct steps *tl, const struct event *ev,
		    const struct world *world)
{
	actor_of(tl, ev);
	if (tl->slot_of[ev->object] || shows_waiter(ev, world))
		give(tl, ev, world);
}

void steps_used(struct steps *tl, const struct event *ev)
{
	struct actor *a = actor_of(tl, ev);

	if (a->n_open)
		touch(tl, a, ev);
}

void steps_event(struct steps *tl, const struct event *ev,
		 const struct world *world)
{
	actor_of(tl, ev);
	switch (ev->op) {
	case CMSHIM_OP_REQUEST:
	case CMSHIM_OP_REQUEST_SHARED:
		slot_of(tl, ev->object);
		break;
	case CMSHIM_OP_POST:
		slot_of(tl, ev->object);
		/* fall through */
	case CMSHIM_OP_SIGNAL:
	case CMSHIM_OP_BROADCAST:
		if (tl->slot_of[ev->object])
			add_event(tl, STEP_SENT, ev, 0, 0);
		break;
	default:
		rare(tl, ev, world);
	}
}

void steps_finish(struct steps *tl, const struct world *world)
{
	const struct trace_info *info = tl->info;
	bool exited = info->header->state == CMSHIM_EXITED;

	for (uint32_t i = 1; i < info->n_threads; i++) {
		const struct world_thread *t = &world->threads[i];
		bool is_last = info->threads[i].number == 1 && exited &&
			       !t->exited && !t->waits_for &&
			       !t->waits_condition;

		end_thread(tl, i,
			   is_last ? info->duration_ns : tl->actors[i].last_ns);
	}
}

size_t steps_n_steps(const struct steps *tl)
{
	return tl->n;
}

const struct step *steps_step(const struct steps *tl, size_t i)
{
	return step_at(tl, i);
}

size_t steps_n_slots(const struct steps *tl)
{
	return tl->n_slots;
}

const struct slot *steps_slot(const struct steps *tl, size_t i)
{
	return &tl->slots[i];
}

bool steps_is_cut(const struct steps *tl)
{
	return tl->cut;
}

/* SPDX-License-Identifier: MIT */
/*
 * What is true just before an event: who holds which lock, who waits for
 * what, and what happened before it.  Kept up once per event for all analyses.
 */
#ifndef REPORTS_WORLD_H
#define REPORTS_WORLD_H

#include "event.h"
#include "world/order.h"

/* One acquisition that has not been given back. */
struct held {
	uint32_t object;
	uint32_t stack; /* where it was taken */
	bool shared;
	bool has_time;	 /* since_ns is known */
	bool restated;	 /* known from HELD only: taken before the trace's
			    first events of this thread */
	uint16_t weight; /* as the acquire's */
	uint64_t since_ns;
	uint64_t index; /* of the acquire event within the thread */
};

struct world_thread {
	struct held *held; /* in the order taken; a recursive lock is there
			      once for each time it was taken */
	size_t n_held, room_held;
	uint32_t lockset; /* that number, if has_lockset: see lockset.h */
	bool has_lockset;
	uint32_t waits_for; /* object of an open REQUEST; 0: none */
	uint32_t wait_stack;
	bool waits_shared;
	uint32_t waits_condition;    /* inside a condition wait; 0: not */
	uint32_t waits_mutex;	     /* which it will take again then */
	uint64_t waits_since_ns;     /* of either; stamps are always there */
	bool started, exited, ended; /* ended: EVENT_THREAD_END came */
	bool is_torn;		     /* events of it are missing */
};

struct world_object {
	uint32_t owner;	    /* thread that holds it exclusively; 0: nobody */
	uint32_t depth;	    /* how often; recursive locks */
	uint32_t n_shared;  /* shared holds */
	uint32_t n_waiting; /* open REQUESTs */
	uint32_t before;    /* what was at its address before it, by another
			       number; 0: nothing */
	bool is_followed;   /* it is what was before another one */
	bool was_held;	    /* since the trace began, by anybody; of a
			       semaphore: was taken */
	bool uncertain;	    /* after a gap: what is held is not known for sure
			       until the next release or INIT */
	bool given_up;	    /* at some time by a call that was not seen, so that
			       nothing rests on its being held */
};

struct locksets;   /* see lockset.h */
struct world_undo; /* a thread's last release, in case it failed */

struct world {
	const struct trace_info *info;
	struct world_thread *threads; /* [info->n_threads] */
	struct world_object *objects; /* [info->n_objects] */
	struct world_undo *undo;      /* [info->n_threads]; world.c's own */
	struct locksets *locksets;
	uint32_t classes;    /* of all objects: kin_classes() */
	struct order *order; /* only asked of accesses; NULL if nobody asks or
				the trace has no maps */
};

/* Knows order only if asked to. */
void world_init(struct world *world, const struct trace_info *info,
		bool is_ordered);
void world_release(struct world *world);

/* Asks for the memory that an event a little later is about: see fetch.h. */
void world_soon(const struct world *world, const struct event *ev);

/* world_apply() of what is not done to a map, but for the order. */
void world_change(struct world *world, const struct event *ev);

/* Makes the world what it is after ev.  Failed calls change nothing. */
static inline void world_apply(struct world *world, const struct event *ev)
{
	if (world->order)
		order_event(world->order, ev, world);
	if (!event_is_of_map(ev))
		world_change(world, ev);
}

/*
 * A thread that holds the object, the exclusive owner if there is one; 0:
 * nobody does.
 */
uint32_t world_holder(const struct world *world, uint32_t object);

/*
 * Of an acquisition, before it is applied: the thread that held the lock and
 * must have given it up by a call that was not seen; 0: there is none.
 */
static inline uint32_t world_gave_up(const struct world *world,
				     const struct event *ev)
{
	const struct world_object *o = &world->objects[ev->object];
	uint32_t kind = world->info->objects[ev->object].kind;

	if (!o->owner || ev->flags & CMSHIM_OWNER_DIED ||
	    (o->owner == ev->thread && kind & CMSHIM_RECURSIVE) ||
	    world->threads[o->owner].is_torn)
		return 0;
	return o->owner;
}

/* The thread's last acquisition of object, or NULL. */
const struct held *world_holds(const struct world *world, uint32_t thread,
			       uint32_t object);

#endif

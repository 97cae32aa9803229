/* SPDX-License-Identifier: MIT */
/*
 * Happens-before: what the synchronisation that was recorded orders.  Kept
 * once for all analyses, event by event, in the world.
 *
 * Whatever gives up (a release, a post, a signal ...) tells what its thread
 * knows and has done; whatever obtains learns it.  Where it is not sure that
 * something was told it is taken as told: that may lose a finding, but makes
 * none up.
 *
 * Events that are missing could have ordered anything, so all before them is
 * taken as ordered before all after: a new era begins, and what belongs to an
 * older one is known to everybody.
 */
#ifndef REPORTS_ORDER_H
#define REPORTS_ORDER_H

#include "event.h"
#include "world/vclock.h"

/* Three orders, each made by more or less of the synchronisation. */
enum order_set {
	ORDER_ALL,	  /* happens-before */
	ORDER_NO_LOCKS,	  /* what no schedule can turn round: without mutexes,
			     rwlocks and spinlocks */
	ORDER_NO_SIGNALS, /* without signals of condition variables: those are
			     not seen by a thread that does not wait yet */
	N_ORDER_SETS,
};

/* A piece of a thread's life.  Threads one after the other share a slot. */
struct epoch {
	uint32_t slot; /* 0: none */
	uint32_t count;
};

/* An epoch, and what was known in it. */
struct instant {
	struct epoch at;
	uint32_t era;
	uint32_t news; /* goes up when more is known without locks */
	struct vclock *known[N_ORDER_SETS];
};

struct order;
struct world;
struct last_order;

struct order *order_new(const struct trace_info *info);
void order_free(struct order *order);

/* Asks for the memory that an event a little later is about: see fetch.h. */
void order_soon(const struct order *order, const struct event *ev);

/* To be told of every event, before the world is. */
void order_event(struct order *order, const struct event *ev,
		 const struct world *world);

/*
 * The thread now.  Valid until the next event; what is known in a copy is so
 * between order_keep() and order_drop().
 */
const struct instant *order_now(struct order *order, uint32_t thread);
void order_keep(struct instant *instant);
void order_drop(struct order *order, struct instant *instant);

uint32_t order_era(const struct order *order);

/*
 * How often a thread had told something for so often that its count has no
 * more room: that begins a new era, too.  A test may make the room small.
 */
uint32_t order_restarts(const struct order *order);
void order_restart_at(struct order *order, uint32_t count);

/*
 * What the taker took last from the giver, a thread of that slot, if it knew
 * nothing later of that in this instant.  NULL: it did, by way of others; or
 * there is none, or it is long ago.
 */
const struct last_order *order_last(const struct order *order, uint32_t giver,
				    uint32_t slot, uint32_t taker,
				    const struct instant *now);

/* Whether signals have ordered anything; if not, two of the sets are equal. */
bool order_has_signals(const struct order *order);

/* Whether the program waits on futexes of its own. */
bool order_has_futexes(const struct order *order);

/* Nobody is known to have made the thread: it may be ordered unseen. */
bool order_is_orphan(const struct order *order, uint32_t thread);

/*
 * The thread is dead though events of it are still to come: they were before
 * what has been seen already.
 */
bool order_is_late(const struct order *order, uint32_t thread);

/* Whether what was done in the epoch, of the same era, was known then. */
static inline bool instant_knows(const struct instant *instant,
				 enum order_set set, struct epoch epoch)
{
	return epoch.slot == instant->at.slot ||
	       vclock_at(instant->known[set], epoch.slot) >= epoch.count;
}

#endif

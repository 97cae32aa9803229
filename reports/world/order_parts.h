/* SPDX-License-Identifier: MIT */
/*
 * The inside of order.h: order.c, which sees the events, and order_signals.c,
 * which is told of waits and of signals.
 */
#ifndef REPORTS_ORDER_PARTS_H
#define REPORTS_ORDER_PARTS_H

#include "world/signals.h"
#include "world/timeline.h"
#include "world/world.h"

static const struct epoch nobody;

/* What an object passes on.  In the order in which a mutex needs it. */
struct relay {
	struct epoch teller;	/* of `last`, if that is of one */
	struct knowledge last;	/* told by the last release */
	struct knowledge added; /* told by all */
	union {
		uint32_t generation; /* of a barrier: those before passed */
		uint32_t signals;    /* index, of a condition; 0: none yet */
		uint32_t giver;	     /* of all others: thread that told last */
	};
	uint32_t given_stack; /* of the giver: of a lock where it was taken */
};

struct order {
	const struct trace_info *info;
	struct timelines lines;
	uint32_t *relay_of; /* object to index; 0: none yet */
	struct relay *relays;
	size_t n_relays, room_relays;
	struct signals *signals;
	size_t n_signals, room_signals;
	uint32_t *callers; /* threads whose call to signal may last yet */
	size_t n_callers, room_callers;
	uint32_t era;
	uint32_t n_restarts;
	bool has_futexes;
};

struct relay *relay_at(struct order *order, uint32_t object);

/* The event's thread has taken what the giver, another one (0: unknown), gave:
   the event's object, or itself, as it was made by it. */
void order_took(struct order *order, const struct event *ev, uint32_t giver,
		uint32_t given_stack);

/* Told by all that have told: semaphores, channels, futexes ... */
void order_post(struct order *order, const struct event *ev);
void order_take(struct order *order, const struct event *ev);

/* Conditions, and futexes. */
void order_wait(struct order *order, const struct event *ev);
void order_wake(struct order *order, const struct event *ev);
void order_signal(struct order *order, const struct event *ev);
void order_signalled(struct order *order, const struct event *ev);

/* Any event of a thread whose call to signal may last yet: it does not. */
void order_end_call(struct order *order, uint32_t thread);

#endif

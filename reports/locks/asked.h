/* SPDX-License-Identifier: MIT */
/*
 * Every lock that was asked for while others were held: in which order of
 * locks, at which places in the program, and when.
 *
 * Only what can wait counts.  A try does not, nor does a lock that the thread
 * holds already; one with a time limit is told apart.
 */
#ifndef REPORTS_ASKED_H
#define REPORTS_ASKED_H

#include "locks/inside.h"
#include "locks/lockgraph.h"
#include "world/hardorder.h"
#include "world/world.h"

enum asking_flag {
	ASKING_TIMED = 1 << 0, /* would have given up at some time */
	ASKING_TORN = 1 << 1,  /* events of the thread are missing before */
	/* To read, under a lock that prefers writers, and there are some: it
	   waits behind one that waits for other readers.  Its order's word is
	   that of a writer. */
	ASKING_QUEUED = 1 << 2,
};

/* One order at one place: the same stacks for all that it is made of. */
struct asking {
	uint32_t order; /* index of orders[] */
	uint32_t
		lockset; /* of world.locksets: what was held, and where taken */
	uint32_t stack;	 /* of the request */
	uint32_t call;	 /* the first time */
	uint32_t flags;	 /* enum asking_flag, or-ed */
	uint64_t count;
	uint32_t next;	/* of the same order; index of askings[], 0: none */
	uint32_t first; /* of its moments: index of when[] */
	uint32_t last;
};

/* That a thread asked so at some moment; listed once for each. */
struct asked_when {
	struct moment moment;
	uint32_t next; /* index of when[]; 0: none */
};

/* Where an order's list of askings begins and ends. */
struct asking_list {
	uint32_t first, last;
};

#define SEVERAL_WRITERS UINT32_MAX

struct asked {
	const struct trace_info *info;
	struct hardorder *hard;
	struct inside *inside;
	bool *is_torn; /* by thread */
	/* By lock that prefers writers: the thread that took it to write; 0:
	   nobody, SEVERAL_WRITERS: more than one. */
	uint32_t *writers;

	struct lock_order *orders; /* from 1; complete after asked_end() */
	struct asking_list *lists; /* [n_orders] */
	struct asking *askings;	   /* from 1 */
	struct asked_when *when;   /* from 1 */
	size_t n_orders, room_orders, room_lists;
	size_t n_askings, room_askings;
	size_t n_when, room_when;
	bool is_full; /* of when[] some were left out */

	struct asked_tables *tables; /* asked.c's own */
};

struct asked *asked_new(const struct trace_info *info);
void asked_free(struct asked *asked);

/* To be told of these, by one of the functions; of others nothing comes. */
#define ASKED_OPS                                                             \
	(EVENT_BIT(CMSHIM_OP_ACQUIRE) | EVENT_BIT(CMSHIM_OP_ACQUIRE_SHARED) | \
	 EVENT_BIT(CMSHIM_OP_REQUEST) | EVENT_BIT(CMSHIM_OP_REQUEST_SHARED) | \
	 EVENT_BIT(CMSHIM_OP_RELEASE) | EVENT_BIT(CMSHIM_OP_RELEASE_SHARED) | \
	 EVENT_BIT(CMSHIM_OP_DROP) | EVENT_BIT(EVENT_GAP) | HARDORDER_OPS)

void asked_acquired(struct asked *asked, const struct event *ev,
		    const struct world *world);
void asked_released(struct asked *asked, const struct event *ev,
		    const struct world *world);
void asked_event(struct asked *asked, const struct event *ev,
		 const struct world *world);
void asked_end(struct asked *asked);

#endif

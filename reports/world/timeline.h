/* SPDX-License-Identifier: MIT */
/*
 * What each thread knows of the others: the clocks behind order.h, and how
 * they are told and learnt.  For order.c only.
 */
#ifndef REPORTS_TIMELINE_H
#define REPORTS_TIMELINE_H

#include "world/order.h"
#include "world/takeovers.h"

/* What was told, in each of the orders. */
struct knowledge {
	struct vclock *in[N_ORDER_SETS];
};

/* Teller is the one thread whose knowledge `from` was, or has no slot. */
void knowledge_learn(struct vclock_pool *pool, struct knowledge *to,
		     const struct knowledge *from, struct epoch teller);
void knowledge_keep(struct vclock_pool *pool, struct knowledge *to,
		    const struct knowledge *from);
void knowledge_drop(struct vclock_pool *pool, struct knowledge *known);

struct timeline {
	struct epoch at;
	uint32_t news; /* see struct instant */
	bool is_told;  /* at is known to somebody */
	bool is_used;  /* something was done in it */
	bool is_late, is_orphan, is_detached;
	struct knowledge known;
	struct knowledge given; /* by its parent, until it starts */
	struct epoch giver;
	uint32_t generation; /* of the barrier it has arrived at */
	uint32_t signalling; /* condition; 0: the call has returned */
	struct epoch signalled;
	uint64_t wait;		 /* number, see signals.h */
	struct takeovers *taken; /* NULL: none yet */
	struct instant now;	 /* what was said last of it */
};

/* A slot whose thread has ended. */
struct retired {
	struct epoch last; /* that somebody could have to know */
	uint32_t count;
	struct knowledge known;
};

struct timelines {
	struct vclock_pool *pool;
	struct timeline *all; /* by thread */
	struct retired *retired;
	size_t n, n_retired, room_retired, next_retired;
	uint32_t n_slots;
	uint32_t first;	 /* thread seen first; 0: none */
	uint32_t n_sets; /* those kept apart so far */
	uint32_t most;	 /* from this count on timelines_restart() is due */
};

/* An order that a tell or lesson is not part of. */
enum { NO_ORDER = -1 };

void timelines_init(struct timelines *lines, size_t n_threads);
void timelines_release(struct timelines *lines);

/* Nobody has done or knows anything. */
void timelines_restart(struct timelines *lines);

/* Begun if need be, with what its parent gave it. */
struct timeline *timeline_begin(struct timelines *lines, uint32_t thread);
void timeline_end(struct timelines *lines, struct timeline *t);

static inline struct timeline *timeline_at(struct timelines *lines,
					   uint32_t thread)
{
	struct timeline *t = &lines->all[thread];

	return t->at.slot ? t : timeline_begin(lines, thread);
}

/* To be called before anything is learnt or done: who was told knows less. */
static inline void timeline_go_on(struct timeline *t)
{
	if (!t->is_told)
		return;
	t->at.count++;
	t->is_told = false;
	t->is_used = false;
}

/*
 * t learns what was told by one thread; by several if teller has no slot.
 * Returns whether it did not know it all, in ORDER_ALL.
 */
bool timeline_learn(struct timelines *lines, struct timeline *t,
		    const struct knowledge *told, struct epoch teller,
		    int without);

/* t adds what it knows to what others have told. */
void timeline_add(struct timelines *lines, struct timeline *t,
		  struct knowledge *to, int without);

/* What t knows is all that is told, together with its epoch. */
void timeline_tell(struct timelines *lines, struct timeline *t,
		   struct knowledge *to, int without);

#endif

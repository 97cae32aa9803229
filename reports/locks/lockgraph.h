/* SPDX-License-Identifier: MIT */
/*
 * Circles among lock orders: who asks for a lock that the next one holds.
 *
 * A lock in a mode is one word: its number twice, plus 1 if it is shared.
 */
#ifndef REPORTS_LOCKGRAPH_H
#define REPORTS_LOCKGRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Somebody asked for a lock while holding others. */
struct lock_order {
	const uint32_t *held; /* words, ascending, each lock once */
	uint32_t n_held;
	uint32_t asked;	      /* word */
	uint32_t only_thread; /* that did so; 0: there are several */
};

/* Up to so many orders each circle is looked for, above it one of them. */
#define LOCKGRAPH_SHORT 4u
#define LOCKGRAPH_LONG	12u

static inline uint32_t lock_word(uint32_t object, bool shared)
{
	return object << 1 | shared;
}

/* Whether the order's holds keep somebody out who asks for `asked`. */
bool lock_order_blocks(const struct lock_order *o, uint32_t asked);

/*
 * A circle: each order asks for what the next one holds, the last for what
 * the first one does.  Returns whether it is a real one.
 */
typedef bool lockgraph_circle(void *with, const uint32_t *orders, size_t n);

/*
 * Calls found for the circles among orders[1] ... orders[n - 1], each once,
 * the shorter ones first.  No two of a circle's orders share a lock that
 * would keep them apart, no circle has a smaller one inside, and only those
 * of two can be one thread's own.  Long ones are left out where there is a
 * short real one among the same locks.  Locks have numbers below n_locks.
 *
 * Returns false if it had to give up before it had seen all.
 */
bool lockgraph_search(const struct lock_order *orders, size_t n, size_t n_locks,
		      lockgraph_circle *found, void *with);

#endif

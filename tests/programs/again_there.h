/* SPDX-License-Identifier: MIT */
/*
 * For programs in which two locks come to lie where two others were: one
 * thread takes the first two in one order, another takes the others in the
 * opposite one.  Nothing in the trace keeps the threads apart, so who takes
 * the four locks for two sees a possible deadlock.
 */
#ifndef TESTS_AGAIN_THERE_H
#define TESTS_AGAIN_THERE_H

#include <stdint.h>

#include "order.h"

struct pair {
	pthread_mutex_t a, b;
};

static struct pair *_Atomic there_pair;

/* No init call: what was there before is not said to be gone. */
static inline struct pair *pair_begin(void *memory)
{
	static const struct pair fresh = { PTHREAD_MUTEX_INITIALIZER,
					   PTHREAD_MUTEX_INITIALIZER };
	struct pair *pair = memory;

	must(pair != NULL, "have memory");
	*pair = fresh;
	return pair;
}

static inline void *pair_forward(void *unused)
{
	turn_begin(1);
	take_both(&there_pair->a, &there_pair->b);
	turn_end();
	pause();
	return unused;
}

static inline void *pair_backward(void *unused)
{
	turn_begin(3);
	take_both(&there_pair->b, &there_pair->a);
	turn_end();
	pause();
	return unused;
}

/* The two threads live as long as the program does. */
static inline void pair_threads(void)
{
	pthread_t t = thread_start(pair_forward, NULL);

	pthread_detach(t);
	t = thread_start(pair_backward, NULL);
	pthread_detach(t);
}

/* Returns when the one thread whose turn it is has used the pair. */
static inline void pair_use(struct pair *pair)
{
	int turn = __atomic_load_n(&order_turn, __ATOMIC_ACQUIRE);

	there_pair = pair;
	turn_end();
	turn_begin(turn + 2);
}

#endif

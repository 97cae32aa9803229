/* SPDX-License-Identifier: MIT */
/*
 * How many threads did something to an object.  Small enough to have one for
 * every object of a trace; zeroed is empty.
 */
#ifndef REPORTS_THREADSET_H
#define REPORTS_THREADSET_H

#include <stddef.h>
#include <stdint.h>

#include "store.h"

struct threadset {
	uint32_t last; /* added last; 0: none */
	uint32_t n : 31, is_large : 1;
	union {
		uint64_t few;  /* threads below 64, a bit each */
		uint64_t *all; /* is_large; the arena's */
	};
};

/* For threads that were not added last; use threadset_add(). */
void threadset_add_other(struct threadset *set, uint32_t thread,
			 size_t n_threads, struct arena *mem);

/* thread is below n_threads, which is the same at every call. */
static inline void threadset_add(struct threadset *set, uint32_t thread,
				 size_t n_threads, struct arena *mem)
{
	if (set->last != thread)
		threadset_add_other(set, thread, n_threads, mem);
}

#endif

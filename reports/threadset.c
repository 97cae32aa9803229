/* SPDX-License-Identifier: MIT */
/*
 * The sets are bits.  Most objects are used by few threads with small
 * numbers: the rest of the bits is made when the first other thread comes.
 */
#include "threadset.h"

void threadset_add_other(struct threadset *set, uint32_t thread,
			 size_t n_threads, struct arena *mem)
{
	uint64_t *word = &set->low;
	uint64_t bit = 1ull << thread % 64;

	set->last = thread;
	if (thread >= 64) {
		if (!set->high)
			set->high = arena_alloc(mem, (n_threads + 63) / 64 *
							     sizeof(*word));
		word = &set->high[thread / 64];
	}
	if (!(*word & bit)) {
		*word |= bit;
		set->n++;
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * The sets are bits.  Most objects are used by few threads with small
 * numbers: the rest of the bits is made when the first other thread comes.
 */
#include "locks/threadset.h"

#include <stdbool.h>

static void enlarge(struct threadset *set, size_t n_threads, struct arena *mem)
{
	uint64_t *all = arena_alloc(mem, (n_threads + 63) / 64 * sizeof(*all));

	all[0] = set->few;
	set->all = all;
	set->is_large = true;
}

void threadset_add_other(struct threadset *set, uint32_t thread,
			 size_t n_threads, struct arena *mem)
{
	uint64_t *word = &set->few;
	uint64_t bit = 1ull << thread % 64;

	set->last = thread;
	if (thread >= 64 && !set->is_large)
		enlarge(set, n_threads, mem);
	if (set->is_large)
		word = &set->all[thread / 64];
	if (!(*word & bit)) {
		*word |= bit;
		set->n++;
	}
}

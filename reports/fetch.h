/* SPDX-License-Identifier: MIT */
/*
 * Asking the processor for memory that is needed a little later.  What is
 * known of a lock or map lies in a place of each analysis, and the next event
 * is about another one: without this the first look at each is a wait of its
 * own, and reading takes a sixth longer.
 *
 * Of memory that is in a file (spill.h) it is the kernel that is asked, and by
 * something like a write: a look would bring sixteen pages, of which one is
 * wanted, and the write after it would have to ask again.
 */
#ifndef REPORTS_FETCH_H
#define REPORTS_FETCH_H

#include <stddef.h>

#include "store.h"

enum { CACHE_LINE = 64 };

/* All of an object of so many bytes, which are all there: what is not, is
   touched nevertheless where memory is in a file. */
static inline void fetch(const void *start, size_t bytes)
{
	if (__builtin_expect(store_has_spilled, 0)) {
		store_touch(start, bytes);
		return;
	}
	for (size_t i = 0; i < bytes; i += CACHE_LINE)
		__builtin_prefetch((const char *)start + i, 1);
	/* Nothing says that it begins where a line does. */
	__builtin_prefetch((const char *)start + bytes - 1, 1);
}

/* The first line of an array, or less where there is less; or NULL. */
static inline void fetch_start(const void *start, size_t bytes)
{
	if (bytes)
		fetch(start, bytes < CACHE_LINE ? bytes : CACHE_LINE);
}

#endif

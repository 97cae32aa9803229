/* SPDX-License-Identifier: MIT */
/*
 * Asking the processor for memory that is needed a little later.  What is
 * known of a lock or map lies in a place of each analysis, and the next event
 * is about another one: without this the first look at each is a wait of its
 * own, and reading takes a sixth longer.
 */
#ifndef REPORTS_FETCH_H
#define REPORTS_FETCH_H

#include <stddef.h>

enum { CACHE_LINE = 64 };

/* All of an object of so many bytes, or NULL. */
static inline void fetch(const void *start, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += CACHE_LINE)
		__builtin_prefetch((const char *)start + i, 1);
}

#endif

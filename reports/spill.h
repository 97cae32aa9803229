/* SPDX-License-Identifier: MIT */
/*
 * Memory that need not stay in memory: pieces of a temporary file that has no
 * name, mapped.  When more of the process is resident than it may be, pages
 * are given back to the file, and come again when they are looked at.  What
 * is in them never changes by that, so nothing that is found does.
 *
 * Only store.c asks for it.
 */
#ifndef REPORTS_SPILL_H
#define REPORTS_SPILL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * From now on pages are given back when this much is resident.  The file is
 * made by the first spill_alloc().
 */
void spill_limit(size_t resident_bytes);

/* Zeroed, aligned for any type.  NULL: not to be had; see spill_trouble(). */
void *spill_alloc(size_t bytes);
void spill_free(void *start);

/* Whether it is of spill_alloc(), and how many bytes there are then. */
bool spill_owns(const void *start);
size_t spill_room(const void *start);

/* Why there is no file, or no more of it, for people; NULL: no trouble. */
const char *spill_trouble(void);

#endif

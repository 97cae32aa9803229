/* SPDX-License-Identifier: MIT */
/*
 * The trace as a file: its descriptor, and room in it.
 *
 * The descriptor is kept high and close-on-exec, and is never trusted: a
 * program that closes all descriptors may get the same number again for a
 * file of its own.
 *
 * Async-signal-safe, takes no lock, keeps errno, allocates nothing.
 */
#ifndef SHIM_FILE_H
#define SHIM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Once, before file_create(), from the constructor: see name_prepare(). */
void file_prepare(void);

/*
 * Creates the trace and maps its first `bytes`.  With forked, this is not the
 * first process of this name: see DECISIONS on names in the README.
 * NULL if it cannot be done: one line on stderr says why.
 */
void *file_create(bool forked, size_t bytes);

/*
 * Adds room for `bytes` (a multiple of the page) at the end of the file, and
 * maps it.  The room is real: a disk that fills up later does not matter.
 * NULL if there is none, now or (limit, filter) for good.
 */
void *file_room(size_t bytes);

#endif

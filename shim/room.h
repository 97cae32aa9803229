/* SPDX-License-Identifier: MIT */
/*
 * Where a context's events go: its chunks, and what each of them begins with.
 *
 * A chunk takes system calls: c is context_own()'s, but for room_more(), which
 * sees to that itself.  False: there is no room, and nothing has changed.
 */
#ifndef SHIM_ROOM_H
#define SHIM_ROOM_H

#include "context.h"

/* What is left of the chunk of the thread that had the context before. */
bool room_rest(struct context *c);

/* A new chunk, for at least need bytes of events. */
bool room_new(struct context *c, size_t need);

/* The same when a chunk is full; where there was no room, not asked for each
   time. */
bool room_more(struct context *c);

#endif

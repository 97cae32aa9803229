/* SPDX-License-Identifier: MIT */
#include "chunk.h"

#include <string.h>

#include "file.h"
#include "options.h"
#include "process.h"
#include "sys.h"

/*
 * A chunk costs some system calls, and its pages (file.c); both together of
 * chunks of 128, 256, 512 and 1024 KiB 312, 248, 256 and 260 ns a KiB.  Small
 * first chunks keep an idle thread cheap, large later ones keep a busy thread
 * out of the kernel, but not so large that a thread is held up for long: 55 us.
 */
static size_t first_bytes(uint16_t type)
{
	return type == CMSHIM_CHUNK_EVENTS ? 16 << 10 : 8 << 10;
}

#define LAST_BYTES (256u << 10)

/*
 * Of a thread that takes locks a million times a second, few holds tell as
 * much as of another all: each chunk that it has filled doubles the period.
 * The number of samples still grows.  At 32 they are 1 ns a pair, at 256 0.1.
 */
static uint32_t next_period(const struct writer *w,
			    const struct chunk_owner *owner)
{
	const uint64_t most = options.hold_period_most;
	uint64_t period = options.hold_period;

	if (owner->type != CMSHIM_CHUNK_EVENTS)
		return 0;
	if (options.all_stamps)
		return 1;
	if (w->chunk && w->chunk->thread == owner->thread)
		period = 2 * (uint64_t)w->chunk->hold_period;
	return (uint32_t)(period < most ? period : most);
}

/* Makes [at, end), which is zero, a chunk and lets w write to it. */
static void begin(struct writer *w, const struct chunk_owner *owner,
		  uint8_t *at, uint8_t *end, uint32_t hold_period)
{
	struct cmshim_chunk *chunk = (struct cmshim_chunk *)at;

	chunk->type = owner->type;
	chunk->flags = owner->flags;
	chunk->stream = owner->stream;
	chunk->index = w->index++;
	chunk->thread = owner->thread;
	chunk->hold_period = hold_period;
	chunk->bytes = (uint64_t)(end - at);
	chunk->start = clock_stamp(process->clock);
	process->header->last = chunk->start;
	__atomic_store_n(&chunk->magic, CMSHIM_CHUNK_MAGIC, __ATOMIC_RELEASE);

	w->chunk = chunk;
	w->pos = at + sizeof(*chunk);
	w->end = end;
	/* A byte of zero ends the records, also in a full chunk. */
	w->limit = end - 1 - CHUNK_MARGIN;
}

bool chunk_next(struct writer *w, const struct chunk_owner *owner, size_t need)
{
	size_t bytes = w->next_bytes ? w->next_bytes : first_bytes(owner->type);
	const uint32_t hold_period = next_period(w, owner);
	uint8_t *at;

	need += sizeof(struct cmshim_chunk) + CHUNK_MARGIN + 1;
	while (bytes < need)
		bytes *= 2;
	at = file_room(bytes);
	if (!at)
		return false;

	if (w->mapping)
		sys_unmap(w->mapping, w->mapping_bytes);
	w->mapping = at;
	w->mapping_bytes = bytes;
	w->next_bytes = bytes * 4 < LAST_BYTES ? bytes * 4 : LAST_BYTES;
	begin(w, owner, at, at + bytes, hold_period);
	return true;
}

bool chunk_split(struct writer *w, const struct chunk_owner *owner)
{
	const uintptr_t mask = 63;
	struct cmshim_chunk *old = w->chunk;
	uint8_t *at;

	if (!old)
		return false;
	/* One byte of zero stays, as the end of the old chunk's records. */
	at = (uint8_t *)(((uintptr_t)w->pos + 1 + mask) & ~mask);
	if (at + sizeof(*old) + 2 * CHUNK_MARGIN > w->end)
		return false;

	/* First the new chunk, then the end of the old: a reader finds the
	   old chunk in its full length, or both. */
	begin(w, owner, at, w->end, next_period(w, owner));
	__atomic_store_n(&old->bytes, (uint64_t)(at - (uint8_t *)old),
			 __ATOMIC_RELEASE);
	return true;
}

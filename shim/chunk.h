/* SPDX-License-Identifier: MIT */
/*
 * A writer: where a context's next record of one type goes.  The buffer is
 * the file: what is stored in a chunk is in the trace, whatever happens to
 * the process afterwards.
 */
#ifndef SHIM_CHUNK_H
#define SHIM_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmshim/trace.h"

struct writer {
	struct cmshim_chunk *chunk;
	void *mapping; /* what holds the chunk; may begin before it */
	size_t mapping_bytes;
	size_t next_bytes; /* of the next chunk; 0: the first of its type */
	uint32_t index;	   /* of the next chunk */
	uint8_t *end;	   /* of the chunk */
	uint8_t *limit;	   /* from here on there may be too little room */
	uint8_t *pos;	   /* the next record; the last one here: context.h */
};

/*
 * How much is left of a chunk at limit: the most that is stored between two
 * looks at limit, which is a condition wait's three events.
 */
#define CHUNK_MARGIN 512

/* A varint takes so many bytes at most. */
#define VARINT_MAX_BYTES 10

/* Whose chunk it will be; see struct cmshim_chunk. */
struct chunk_owner {
	uint32_t stream;
	uint32_t thread;
	uint16_t type;
	uint16_t flags;
};

/*
 * Goes on in a new chunk with room for at least need bytes of records.  False
 * if there is no room: the old chunk stays, for its lost count.
 */
bool chunk_next(struct writer *w, const struct chunk_owner *owner, size_t need);

/*
 * Gives the rest of the chunk to another owner, as a chunk of its own.  False
 * if too little is left; nothing has changed then.
 */
bool chunk_split(struct writer *w, const struct chunk_owner *owner);

static inline uint8_t *put_varint(uint8_t *p, uint64_t value)
{
	while (value >= 0x80) {
		*p++ = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	*p++ = (uint8_t)value;
	return p;
}

#endif

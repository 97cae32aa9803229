/* SPDX-License-Identifier: MIT */
#include "room.h"

#include <string.h>

#include "encode.h"
#include "process.h"

static struct chunk_owner owner(const struct context *c,
				enum cmshim_chunk_type type)
{
	return (struct chunk_owner){
		.stream = c->stream,
		.thread = c->thread,
		.type = type,
		.flags = c->nested ? CMSHIM_CHUNK_NESTED : 0,
	};
}

/* What a chunk begins with, and what does not carry over into it. */
static void begin_events(struct context *c)
{
	/* Untouched pages stay so. */
	for (int i = 0; i < N_KNOWN; i++)
		if (c->known[i].as_held.key)
			c->known[i].number = NOT_OURS;
	c->last_ticks = c->events.chunk->start.ticks;
	c->again = 0;
	c->again_end = NULL;
	c->anchor = NULL;
	/* The new chunk may lie where one before the last one did. */
	if (c->inner)
		c->inner->anchor = NULL;

	for (uint32_t i = 1; i <= c->n_held; i++) {
		/* No room to say more: the reader has seen the acquires. */
		if (c->events.pos >= c->events.limit)
			return;
		encode(c, CMSHIM_OP_HELD,
		       &(struct fields){ .mask = CMSHIM_OBJECT | CMSHIM_ARG,
					 .object = held_id(&c->held[i]),
					 .arg = held_how(&c->held[i]) &
						HELD_SHARED });
	}
}

bool room_rest(struct context *c)
{
	struct chunk_owner whose = owner(c, CMSHIM_CHUNK_EVENTS);

	if (!chunk_split(&c->events, &whose))
		return false;
	begin_events(c);
	return true;
}

bool room_new(struct context *c, size_t need)
{
	struct chunk_owner whose = owner(c, CMSHIM_CHUNK_EVENTS);

	if (!chunk_next(&c->events, &whose, need))
		return false;
	begin_events(c);
	return true;
}

bool room_more(struct context *c)
{
	struct signals saved;
	bool ok;

	if (process_is_fenced())
		return false;
	/* Where there was no room, asking costs system calls: ever less. */
	if (c->not_asked < c->refused) {
		c->not_asked++;
		return false;
	}
	c->not_asked = 0;
	saved = context_own(c);
	/* A few held locks fit beside what is to come. */
	ok = room_new(c, 2048);
	c->refused = ok			    ? 0
		     : c->refused < 1 << 16 ? 2 * c->refused + 1
					    : c->refused;
	context_own_end(c, saved);
	return ok;
}

bool context_define(struct context *c, enum cmshim_def kind,
		    const uint8_t *payload, size_t bytes)
{
	size_t need = 1 + VARINT_MAX_BYTES + bytes;
	uint8_t *p;

	if (!c->defs.pos || c->defs.pos + need >= c->defs.end) {
		struct chunk_owner whose = owner(c, CMSHIM_CHUNK_DEFS);
		struct signals saved;
		bool ok;

		if (process_is_fenced())
			return false;
		saved = context_own(c);
		ok = chunk_next(&c->defs, &whose, need);
		context_own_end(c, saved);
		if (!ok)
			return false;
	}
	p = put_varint(c->defs.pos + 1, bytes);
	memcpy(p, payload, bytes);
	__atomic_store_n(c->defs.pos, (uint8_t)kind, __ATOMIC_RELEASE);
	c->defs.pos = p + bytes;
	return true;
}

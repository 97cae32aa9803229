/* SPDX-License-Identifier: MIT */
/*
 * The bracket around a map call: enter, the real call, exit.
 *
 * A map's V-word counts the writes that have entered and how many are inside.
 * A call that finds another inside, or finds at its end that writes entered
 * meanwhile, was overlapped by it, whatever the program thinks kept them
 * apart: the brackets lie within whatever synchronisation the caller has.
 *
 * A call is written down at its end, as one event; or when it begins, if it
 * was overlapping then, or as soon as something else is to be recorded inside
 * it.  Calls left by a jump or an exception are closed by the next event that
 * comes from a frame further up.
 */
#ifndef SHIM_BRACKET_H
#define SHIM_BRACKET_H

#include "context.h"
#include "keys.h"

/* The op that is recorded, and above it the flags that go with it. */
enum bracket_access {
	BRACKET_READ = CMSHIM_OP_MAP_READ,
	BRACKET_NEXT = CMSHIM_OP_MAP_NEXT,
	BRACKET_WRITE = CMSHIM_OP_MAP_WRITE,
	BRACKET_REMOVE = CMSHIM_OP_MAP_WRITE | CMSHIM_REMOVES << 8,
};

/* What a look at the map's memory says, where that may become another's by an
   assignment. */
enum bracket_look {
	BRACKET_NO_LOOK,
	BRACKET_EMPTY,	/* if something was in it, it is another now */
	BRACKET_FILLED, /* if it was destroyed, it is another now */
};

/* What a map wrapper is about to do; small, to be handed on in a register. */
struct bracket_call {
	struct map_call call;
	uint16_t flags; /* enum cmshim_flag, or-ed */
	uint8_t look;	/* enum bracket_look */
};

/* What the call's result said. */
struct bracket_told {
	uint32_t flags; /* CMSHIM_HIT, CMSHIM_MISS or 0 */
	bool has_count;
	uint64_t count; /* of elements that are in it, or were taken out */
};

/*
 * True if bracket_exit() is to be called after the real call.  frame: of the
 * wrapper.  map NULL: not known, not recorded.
 */
bool bracket_enter(const void *frame, const volatile void *map, struct key key,
		   struct bracket_call what);
void bracket_exit(const void *frame, struct bracket_told told);

/* A map was made at an address, or its life is about to end. */
void bracket_new(const void *frame, const volatile void *map,
		 struct bracket_call what);
void bracket_free(const void *frame, const volatile void *map,
		  struct bracket_call what);

/*
 * Before an event from frame is recorded while calls are open: closes those
 * that were left, writes down those that are not yet.  c is busy and has room
 * for CHUNK_MARGIN bytes, half of which are left afterwards.
 */
void bracket_tell(struct context *c, const void *frame);
/* The room that those take which are not written down yet. */
size_t bracket_untold_bytes(const struct context *c);

#endif

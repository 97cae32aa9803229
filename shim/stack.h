/* SPDX-License-Identifier: MIT */
/*
 * Call stacks to small numbers.
 *
 * Most calls come again from the same stack.  A memo, per context, is keyed
 * by return address and stack pointer; an entry has, for every frame, where the
 * stack slot is that holds the return address and what was in it.  If all
 * slots hold the same, the call chain is the same: the rule by which a frame
 * leads to its caller's depends on the code address, the stack pointer and,
 * for some, the frame pointer alone (unwind.c), so by induction over the
 * frames the same values in the same slots are the same frames.  Where a rule
 * uses a frame pointer that a frame further in has saved, its slot is
 * compared too; the wrapper saves its caller's own.
 *
 * A stack costs a few loads on a hit, some ns a frame after a miss, and
 * microseconds for a code address that is new to the process.
 */
#ifndef SHIM_STACK_H
#define SHIM_STACK_H

#include "encode.h"
#include "frame.h"
#include "module.h"

#define MEMO_BITS  10
#define MEMO_SLOTS 4096
#define MAX_FRAMES 128

/* Compared two at a time; two may be the same. */
struct slots {
	uint64_t word[2];
	uint32_t offset[2]; /* in bytes, from the wrapper's frame */
};

struct memo_entry {
	uintptr_t pc;
	const void *frame; /* of the wrapper: stands for the stack pointer */
	const struct slots *slots;
	uint32_t bytes; /* of slots; there are some */
	struct code number;
};

_Static_assert(sizeof(struct memo_entry) == 32, "two to a cache line");

struct memo {
	/* What was used last, in one of two places: the first look. */
	struct memo_entry recent[1 << MEMO_BITS];
	/* All of them: see stack.c. */
	struct memo_entry tree[1 << MEMO_BITS];
	uint32_t used;	 /* of slots */
	uint32_t victim; /* which of two places made room last */
	bool filled;	 /* there are entries */
	struct slots slots[MEMO_SLOTS];
};

/*
 * Gives the context a memo and a table of stacks; a context that is handed on
 * keeps its table and forgets its memo.  Without memory, stacks are 0.
 */
void stack_attach(struct context *c);

/* After a jump out of stack_of(): what it was about to say or to remember is
   forgotten. */
void stack_recover(struct context *c);

/* The number of the stack that was not found at once. */
COLD struct code stack_walk(struct context *c, const void *frame);

/* Where the caller's entry is, or in the place beside it: n ^ 1. */
HOT size_t stack_place(const void *frame)
{
	return ((frame_word(frame, FRAME_PC) + ((uintptr_t)frame << 1)) *
		0x9e3779b97f4a7c15u) >>
	       (64 - MEMO_BITS);
}

HOT bool stack_is_for(const struct memo_entry *e, const void *frame)
{
	return likely(e->frame == frame) &&
	       likely(e->pc == frame_word(frame, FRAME_PC));
}

HOT const struct slots *stack_end(const struct memo_entry *e)
{
	return (const struct slots *)((const char *)e->slots + e->bytes);
}

HOT bool stack_has(const struct slots *two, const void *frame)
{
	return two->word[0] == frame_word(frame, two->offset[0]) &&
	       two->word[1] == frame_word(frame, two->offset[1]);
}

/* The memo's entry for that caller, if its stack is the same; else NULL. */
HOT const struct memo_entry *stack_look_up(const struct context *c,
					   const void *frame)
{
	const struct memo *memo = c->memo;
	const struct memo_entry *e = &memo->recent[stack_place(frame)];
	const struct slots *two, *end;

	if (unlikely(!stack_is_for(e, frame))) {
		e = &memo->recent[stack_place(frame) ^ 1];
		if (!stack_is_for(e, frame))
			return NULL;
	}
	if (unlikely(c->memo_generation !=
		     atomic_load_explicit(&module_generation,
					  memory_order_relaxed)))
		return NULL;
	two = e->slots;
	end = stack_end(e);
	do {
		if (unlikely(!stack_has(two, frame)))
			return NULL;
	} while (++two < end);
	return e;
}

/*
 * Whether the wrapper with the frame address `inside`, further up than frame,
 * that was called from pc (the lower half of it) is no part of the stack that
 * frame is on: it was left.  False also if that is not known.  c is busy.
 */
COLD bool stack_has_left(struct context *c, const void *frame,
			 const void *inside, uint32_t pc);

/*
 * The number of the stack that called the wrapper with that frame address; 0:
 * not captured.  Signal-safe; c is busy.
 */
HOT struct code stack_code_of(struct context *c, const void *frame)
{
	const struct memo_entry *e;

	if (unlikely(!c->memo))
		return encode_code(0);
	e = stack_look_up(c, frame);
	if (likely(e != NULL))
		return e->number;
	return stack_walk(c, frame);
}

HOT uint32_t stack_of(struct context *c, const void *frame)
{
	return code_number(stack_code_of(c, frame));
}

#endif

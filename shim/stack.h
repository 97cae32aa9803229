/* SPDX-License-Identifier: MIT */
/*
 * Call stacks to small numbers.
 *
 * Most calls come again from the same stack.  A memo, per context, is keyed
 * by return address and stack pointer; an entry has, for every frame, the
 * address of the stack slot that holds the return address and what was in it.
 * If all slots hold the same, the call chain is the same: the rule by which a
 * frame leads to its caller's depends on the code address, the stack pointer
 * and, for some, the frame pointer alone (unwind.c), so by induction over the
 * frames the same values in the same slots are the same frames.  Where a rule
 * uses a frame pointer that a frame further in has saved, its slot is
 * compared too; where it is the wrapper's caller's own, that is part of the
 * key.
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
#define MEMO_SLOTS 8192
#define MAX_FRAMES 128

struct memo_entry {
	uintptr_t pc, sp, fp;
	struct code number;
	uint16_t n; /* slots to compare: an even number */
	bool needs_fp;
	uint32_t at; /* of the first in slots */
};

struct slot {
	uint64_t word;
	uint64_t offset; /* in bytes, from sp */
};

struct memo {
	/* What was used last, in one of two places: the first look. */
	struct memo_entry recent[1 << MEMO_BITS];
	/* All of them: see stack.c. */
	struct memo_entry tree[1 << MEMO_BITS];
	uint32_t used;	 /* of slots */
	uint32_t victim; /* which of two places made room last */
	bool filled;	 /* there are entries */
	struct slot slots[MEMO_SLOTS];
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
HOT size_t stack_place(const struct registers *at)
{
	return ((at->pc ^ at->sp << 1) * 0x9e3779b97f4a7c15u) >>
	       (64 - MEMO_BITS);
}

HOT bool stack_is_for(const struct memo_entry *e, const struct registers *at)
{
	return !((e->pc ^ at->pc) | (e->sp ^ at->sp));
}

/* The memo's entry for that caller, if its stack is the same; else NULL. */
HOT const struct memo_entry *stack_look_up(const struct context *c,
					   const struct registers *at)
{
	const struct memo *memo = c->memo;
	size_t place = stack_place(at);
	const struct memo_entry *e = &memo->recent[place];
	const struct slot *slot;
	uint64_t differ;

	if (unlikely(!stack_is_for(e, at))) {
		e = &memo->recent[place ^ 1];
		if (!stack_is_for(e, at))
			return NULL;
	}
	slot = memo->slots + e->at;
	differ = e->needs_fp ? e->fp ^ at->fp : 0;
	differ |= c->memo_epoch ^
		  atomic_load_explicit(&module_epoch, memory_order_relaxed);
	for (const struct slot *end = slot + e->n; slot < end; slot += 2)
		differ |= (slot[0].word ^
			   *(const uint64_t *)(at->sp + slot[0].offset)) |
			  (slot[1].word ^
			   *(const uint64_t *)(at->sp + slot[1].offset));
	return likely(!differ) ? e : NULL;
}

/*
 * The number of the stack that called the wrapper with that frame address; 0:
 * not captured.  Signal-safe; c is busy.
 */
HOT struct code stack_code_of(struct context *c, const void *frame)
{
	struct registers at = frame_caller(frame);
	const struct memo_entry *e;

	if (unlikely(!c->memo))
		return encode_code(0);
	e = stack_look_up(c, &at);
	if (likely(e != NULL))
		return e->number;
	return stack_walk(c, frame);
}

HOT uint32_t stack_of(struct context *c, const void *frame)
{
	return code_number(stack_code_of(c, frame));
}

#endif

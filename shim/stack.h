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

#include "context.h"
#include "frame.h"
#include "process.h"

#define MEMO_BITS  8
#define MEMO_WORDS 4096
#define MAX_FRAMES 128

struct memo_entry {
	uintptr_t pc, sp, fp;
	uint32_t id;
	uint16_t n; /* slots to compare */
	bool needs_fp;
	uint32_t at; /* of the first in words and offsets */
};

struct memo {
	struct memo_entry entries[1 << MEMO_BITS];
	uint64_t words[MEMO_WORDS];
	uint32_t offsets[MEMO_WORDS]; /* in bytes, from sp */
	uint32_t used;
};

/*
 * Gives the context a memo and a table of stacks; a context that is handed on
 * keeps its table and forgets its memo.  Without memory, stacks are 0.
 */
void stack_attach(struct context *c);

/* The number of the stack that was not in the memo. */
COLD uint32_t stack_walk(struct context *c, const struct registers *caller);

/*
 * The number of the stack that called the wrapper with that frame address; 0:
 * not captured.  Signal-safe; c is busy.
 */
HOT uint32_t stack_of(struct context *c, const void *frame)
{
	struct memo *memo = c->memo;
	struct registers at = frame_caller(frame);
	const struct memo_entry *e;
	uint64_t differ = 0;

	if (unlikely(!memo))
		return 0;
	e = &memo->entries[((at.pc ^ at.sp << 1) * 0x9e3779b97f4a7c15u) >>
			   (64 - MEMO_BITS)];
	if (unlikely(e->pc != at.pc || e->sp != at.sp ||
		     (e->needs_fp && e->fp != at.fp) ||
		     c->memo_epoch !=
			     atomic_load_explicit(&process->epoch,
						  memory_order_relaxed)))
		return stack_walk(c, &at);

	const uint64_t *word = memo->words + e->at;
	const uint32_t *offset = memo->offsets + e->at;

	for (unsigned i = 0; i < e->n; i++)
		differ |= word[i] ^ *(const uint64_t *)(at.sp + offset[i]);
	if (unlikely(differ))
		return stack_walk(c, &at);
	return e->id;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Where a wrapper was called from, by its frame address.  One of the few
 * files that know the machine: with frame pointers (the shim is built with
 * them) a function's frame address points at the caller's frame pointer, and
 * the return address follows.
 */
#ifndef SHIM_FRAME_H
#define SHIM_FRAME_H

#include <stdint.h>
#include <ucontext.h>

/* The registers of a caller, as they are when the call returns. */
struct registers {
	uintptr_t pc, sp, fp;
};

/* In a frame, where the caller's frame pointer and the return address are. */
#define FRAME_FP 0
#define FRAME_PC sizeof(uintptr_t)

static inline __attribute__((always_inline)) uintptr_t
frame_word(const void *frame, uintptr_t offset)
{
	return *(const uintptr_t *)((uintptr_t)frame + offset);
}

/* The caller's stack pointer is right behind the frame: two that have the same
   address have callers with the same stack pointer. */
static inline __attribute__((always_inline)) struct registers
frame_caller(const void *frame)
{
#if defined(__x86_64__)
	return (struct registers){ .pc = frame_word(frame, FRAME_PC),
				   .sp = (uintptr_t)frame + 16,
				   .fp = frame_word(frame, FRAME_FP) };
#else
	/* The caller's stack pointer is not known from this alone: stacks are
	   one frame deep, until unwind.c learns the machine's rules. */
	return (struct registers){ .pc = frame_word(frame, FRAME_PC),
				   .sp = 0,
				   .fp = frame_word(frame, FRAME_FP) };
#endif
}

/*
 * What a signal interrupted, from what its handler was given; NULL: not known.
 * Elsewhere a handler without SA_SIGINFO is given nothing.
 */
static inline const ucontext_t *frame_interrupted(const void *context)
{
#if defined(__x86_64__)
	return context;
#else
	(void)context;
	return NULL;
#endif
}

/* Where the stack was then. */
static inline uintptr_t frame_interrupted_sp(const ucontext_t *interrupted)
{
#if defined(__x86_64__)
	return (uintptr_t)interrupted->uc_mcontext.gregs[REG_RSP];
#else
	(void)interrupted;
	return 0;
#endif
}

#endif

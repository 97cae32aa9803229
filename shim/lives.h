/* SPDX-License-Identifier: MIT */
/*
 * When objects end that nobody destroyed: their memory is given back, the
 * frame they were in has returned, the thread is gone on whose stack they
 * were, the library that they were a variable of is unloaded.  What comes to
 * lie at the address afterwards is another object, a new generation.
 *
 * The end of one that is given back is told in the trace (FREED), before it is
 * done; the others end silently: nobody can say when exactly they did.
 *
 * Not seen, so that the address stays the same object's: memory that a
 * program hands out by itself (pools, arenas, an allocator that does not bring
 * malloc's names, an operator delete in the program); munmap() inside libc, but
 * for stacks; shmdt(), brk() and mmap() over what is there; frames
 * of coroutines, and of threads whose start was not seen.
 *
 * frame is the wrapper's, as in record.h.  Nothing here touches errno.
 */
#ifndef SHIM_LIVES_H
#define SHIM_LIVES_H

#include "context.h"
#include "real.h"

/* Memory that is about to be given back for sure. */
COLD void lives_freed(const void *frame, uintptr_t from, uintptr_t end);

/* The block that p is the beginning of. */
COLD void lives_block_freed(const void *frame, void *p);

/*
 * Whether an object may lie in the block.  Those far into a large one are
 * found by its size, which libc keeps in the word before the block, and of
 * which other allocators' alignment is a sign.
 */
HOT bool lives_in_block(const void *p)
{
	if (unlikely(object_is_near(p)))
		return p != NULL;
	if (likely(real_malloc.is_libc))
		return p && ((const size_t *)p)[-1] > OBJECT_NEAR_BYTES;
	return p && ((uintptr_t)p & 4095) == 0;
}

/*
 * Memory that may move.  It is only known afterwards whether it did, when the
 * old place may be another thread's already; so what lay there ends silently,
 * and only if it began before.
 */
struct lives_move {
	uintptr_t from, end;
	uint32_t newest; /* number of the newest object before */
};

COLD void lives_move_begins(const void *frame, struct lives_move *move,
			    uintptr_t from, size_t bytes, size_t new_bytes);
COLD void lives_moved(const struct lives_move *move, const void *to);

/* How many bytes the block at p has; 0: unknown. */
size_t lives_block_bytes(void *p);

/* Memory that is gone by now. */
void lives_gone(uintptr_t from, uintptr_t end);

/*
 * The object was destroyed.  Of a barrier or a condition variable that can be
 * so while those it let go are on their way out of the call; they are given a
 * moment to record that, before the address is another object's.
 */
void lives_settle(uint64_t key);

/* An object has begun, seen by c: if it is on a thread's stack, that thread
   looks after it. */
void lives_began(struct context *c, uintptr_t address);

/* The thread's frames below this one have returned: see stack_watch.  c is the
   thread's, and busy. */
COLD void lives_frames_gone(struct context *c, const void *frame);

/* A thread begins to run on its stack; it ends. */
void lives_stack_begins(struct context *c);
void lives_stack_ends(struct context *c);

#endif

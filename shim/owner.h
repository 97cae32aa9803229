/* SPDX-License-Identifier: MIT */
/*
 * Whose context it is that a thread finds in its thread-local storage.  What
 * was made by clone(2) without storage of its own finds its maker's, runs
 * beside it, and is told from it by the kernel alone.
 *
 * It is on another stack than its maker.  So are coroutines, and handlers with
 * an alternate stack: the kernel is asked once for each page.
 */
#ifndef SHIM_OWNER_H
#define SHIM_OWNER_H

#include "context.h"

/* A page of a stack, and by whom it was found to be used: that thread's number
   is above the page's, so that the next thread with this context, which may
   be given the same memory, is asked for anew. */
HOT uint64_t owner_page(const struct context *c, const void *frame)
{
	return (uint64_t)(uintptr_t)frame >> PAGE_BITS ^ (uint64_t)c->thread
								 << 36;
}

/* Where such pages are remembered. */
HOT size_t owner_place(const void *frame)
{
	return ((uintptr_t)frame >> PAGE_BITS) % N_ELSEWHERE;
}

/* Whether the context's thread was seen on this page of another stack. */
HOT bool owner_was_here(const struct context *c, const void *frame)
{
	return c->elsewhere[owner_place(frame)] == owner_page(c, frame);
}

/*
 * Whether it is the context's thread that is here.  If not, nothing of the
 * context has been changed: its thread may be in the middle of an event.
 */
COLD bool owner_is_here(struct context *c, const void *frame);

/*
 * The calling thread is about to make another by clone(CLONE_VM) that is given
 * no thread-local storage, and so has this one's, and its context.  From now
 * on each event asks the kernel whose it is; the others' are lost.
 */
void owner_lends(const void *frame);

#endif

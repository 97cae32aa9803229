/* SPDX-License-Identifier: MIT */
/*
 * Where the calling thread's stack is.  Survives a fork, other than the
 * thread's context.
 */
#ifndef SHIM_OWN_STACK_H
#define SHIM_OWN_STACK_H

#include <stdbool.h>
#include <stdint.h>

struct own_stack {
	uintptr_t low, high;
	bool is_exact; /* else low is a guess */
};

extern __thread struct own_stack own_stack
	__attribute__((tls_model("initial-exec")));

/* Takes the bounds; high 0: nobody told, and they are guessed, if need be. */
void own_stack_learn(uintptr_t low, uintptr_t high);

/*
 * Whether frame is on an alternate signal stack, which may be an array in a
 * frame of the thread's own stack.  Behind a fence nothing is asked, and the
 * answer is yes.
 */
bool own_stack_is_other(const void *frame);

#endif

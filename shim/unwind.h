/* SPDX-License-Identifier: MIT */
/*
 * How to get from a frame to its caller's, learnt from libunwind once for
 * each code address.  Only unwind.c names libunwind.
 */
#ifndef SHIM_UNWIND_H
#define SHIM_UNWIND_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

struct context;

enum rule_kind {
	RULE_UNKNOWN,
	RULE_SP,  /* canonical frame address = sp + cfa_offset */
	RULE_FP,  /* ... = fp + cfa_offset */
	RULE_END, /* the outermost frame */
	RULE_CUT, /* cannot be followed: no unwind information, a signal
		     frame, or an address made in another way */
};

/*
 * The rule of a code address.  The return address lies in the word below the
 * canonical frame address (CFA), which is also the caller's stack pointer.
 */
struct rule {
	uint8_t kind; /* enum rule_kind */
	bool saves_fp;
	int32_t cfa_offset;
	int32_t fp_offset; /* from the CFA to the caller's saved frame pointer
			    */
};

/*
 * Opens libunwind and warms it up, so that a later look-up does not allocate.
 * Once, while there is one thread; its context is marked BUSY_OWN.  Until then
 * no rule is known and none is learnt.
 */
void unwind_begin(void);

/* The rule, if it was learnt; else RULE_UNKNOWN.  Async-signal-safe. */
struct rule unwind_known(uintptr_t pc);

/* Whether this thread may learn now: stack is left, and no filter kills. */
bool unwind_can_learn(const struct context *c);

/*
 * Learns the rule of at->pc, the registers being those of a real frame on
 * the thread's stack.  RULE_UNKNOWN if another thread is learning or a fork
 * is going on.  Only if unwind_can_learn(); c is marked BUSY_OWN, and gets
 * the definitions of modules found on the way.
 */
struct rule unwind_learn(struct context *c, const struct registers *at);

/* Forgets what belongs to code that was unmapped; c is marked BUSY_OWN. */
void unwind_forget(struct context *c);

/*
 * Around a fork: while it happens nobody is inside libunwind, so that the
 * child finds it usable.  A child made in another way, while somebody was,
 * finds the lock free, and learns nothing.
 */
void unwind_lock(void);
void unwind_unlock(void);

#endif

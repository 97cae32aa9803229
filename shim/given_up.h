/* SPDX-License-Identifier: MIT */
/*
 * Locks that a thread has taken and does not hold any more, though no release
 * was seen: they were given up by a call that passed by us.  The lock itself
 * says whose it is, if it is a mutex, or a rwlock and held to write; and a
 * release is recorded when that is found out.
 *
 * To ask takes system calls, since the lock's memory may be gone.  So it is
 * asked where it is said of a thread what it holds: when it ends, waits for a
 * condition, destroys the lock or frees it; and when it seems to hold many.
 */
#ifndef SHIM_GIVEN_UP_H
#define SHIM_GIVEN_UP_H

#include "context.h"

/* Looks at all holds, or as many as there is room to tell of.  False: not at
   all of them. */
COLD bool given_up_look(struct context *c, const void *frame);

/* The same when the thread ends, or the process. */
COLD void given_up_end(const void *frame);

/* Looks at this lock, if the thread holds it. */
COLD void given_up_lock(struct context *c, const void *frame, uint64_t key);

/* The thread seems to hold many. */
COLD void given_up_crowd(struct context *c, const void *frame);

#endif

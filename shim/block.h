/* SPDX-License-Identifier: MIT */
/*
 * Calls that wait for something else than a lock.  Others may wait for the
 * locks that the caller holds meanwhile; with none held the call is of no
 * interest, and costs a load and a branch.
 *
 * Nothing is held or pushed around the real call: a wait that is cancelled,
 * or left by a jump, is not recorded.
 */
#ifndef SHIM_BLOCK_H
#define SHIM_BLOCK_H

#include <errno.h>
#include <fcntl.h>

#include "clock.h"
#include "record.h"
#include "sys.h"

struct block {
	struct cmshim_stamp since; /* ticks 0: not measured */
};

/* Whether the calling thread holds a lock, as far as is known. */
HOT bool block_matters(void)
{
	const struct context *c = context_self;

	return unlikely(c && c->n_held);
}

/* Before the call.  Behind a fence nothing is asked of the system. */
static inline struct block block_begin(void)
{
	struct block b = { .since = { .ticks = 0 } };

	if (process_is_recording() && !process_is_fenced())
		b.since = clock_stamp(process->clock);
	return b;
}

/*
 * Whether a call about the descriptor waits for anything.  One that does not
 * may take long all the same: what it wakes runs instead of it.
 */
static inline bool block_waits(int fd)
{
	long flags = sys_call3(SYS_fcntl, fd, F_GETFL, 0);

	return flags < 0 || !(flags & O_NONBLOCK);
}

/* After it; keeps errno.  frame: the wrapper's.  fd: -1 if there is none. */
static inline void block_end_of(const void *frame, const struct block *b,
				uint32_t call, int fd)
{
	const int error = errno;
	struct context *c;
	struct fields f = { .mask = CMSHIM_STACK | CMSHIM_TIME | CMSHIM_CALL |
				    CMSHIM_DURATION };

	if (!b->since.ticks ||
	    clock_monotonic_ns() - b->since.monotonic_ns < options.block_ns)
		return;
	if (fd >= 0 && !block_waits(fd))
		return;
	f.ticks = process_ticks();
	f.call = call;
	if (f.ticks > b->since.ticks)
		f.duration = f.ticks - b->since.ticks;
	c = context_enter(frame);
	if (c) {
		f.stack = stack_of(c, frame);
		encode(c, CMSHIM_OP_BLOCKED, &f);
		context_leave(c);
	}
	errno = error;
}

static inline void block_end(const void *frame, const struct block *b,
			     uint32_t call)
{
	block_end_of(frame, b, call, -1);
}

#endif

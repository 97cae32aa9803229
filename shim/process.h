/* SPDX-License-Identifier: MIT */
/*
 * What all threads of the process share: the trace's header, the counters
 * that number things, whether recording is on.
 *
 * It lies in memory that a forked child finds zeroed, so a child, however it
 * came to be, begins with nothing of its parent's and starts a trace of its
 * own at its first event.
 */
#ifndef SHIM_PROCESS_H
#define SHIM_PROCESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "cmshim/trace.h"

struct context;

enum process_state {
	PROCESS_NEW, /* nothing yet; or a forked child */
	PROCESS_STARTING,
	PROCESS_RECORDING,
	PROCESS_OFF, /* for good */
};

struct process {
	_Atomic uint32_t state;	  /* enum process_state */
	uint32_t clock;		  /* enum cmshim_clock */
	_Atomic uint32_t pid;	  /* 0: of a child that nobody told us of */
	_Atomic uint32_t threads; /* numbers given */
	_Atomic uint32_t streams;
	_Atomic uint32_t objects;
	/* A seccomp filter is there, and may kill for a system call. */
	_Atomic bool fenced;
	_Atomic bool unwinding;		  /* see unwind_lock() */
	struct cmshim_header *header;	  /* mapped from the trace */
	struct context *_Atomic contexts; /* all; see context.h */
};

/* NULL until process_prepare(); then always the same address. */
extern struct process *process __attribute__((visibility("hidden")));

/*
 * Sets up what every trace of this image needs: called once, by the
 * constructor.  False: there is no memory, nothing will be recorded.
 */
bool process_prepare(int argc, char **argv);

/*
 * Begins the trace of this process, unless that was done.  True if recording
 * is on when it returns.  Of several callers at once one does it; the others
 * are told "not yet".
 */
bool process_begin(void);

/*
 * For a thread without a context that finds recording off: in a forked child
 * it may be the one to begin.
 */
bool process_resumes(void);

/* In a forked child, before anything else is done there. */
void process_forked(void);

/*
 * Whether this is another process in our memory: a child of vfork(), or one
 * made by clone(CLONE_VM).  A system call, so not to be asked behind a fence.
 */
bool process_is_borrowed(void);

/* Defines calls, families and modules: once a trace, by its first thread. */
void process_describe(struct context *c);

/*
 * Copies what may not be there, or may be unmapped at any moment, by asking the
 * kernel to: a load would kill.  False: nothing is there, or, behind a filter,
 * asking may be forbidden.
 */
bool process_copy(void *to, const void *from, size_t bytes);

/* Turns recording off for good, for the calling thread at once.  What is in
   the trace stays readable. */
void process_stop(void);

/* Says whether a seccomp filter is there; returns what was said before. */
bool process_fence(bool is_there);

/* At exit(): says so in the header. */
void process_exits(void);

static inline bool process_is_recording(void)
{
	return process &&
	       atomic_load_explicit(&process->state, memory_order_acquire) ==
		       PROCESS_RECORDING;
}

/* Behind a seccomp filter no system call is made: see process_fence(). */
static inline bool process_is_fenced(void)
{
	return atomic_load_explicit(&process->fenced, memory_order_relaxed);
}

static inline uint64_t process_ticks(void)
{
	return clock_ticks(process->clock);
}

/* Adds to the header's count of what was left out.  Any thread, any time. */
static inline void process_lost(enum cmshim_loss why)
{
	if (process && process->header)
		__atomic_fetch_add(&process->header->lost[why], 1,
				   __ATOMIC_RELAXED);
}

#endif

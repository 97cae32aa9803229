/* SPDX-License-Identifier: MIT */
/*
 * What wrappers are made of.
 *
 * A wrapper returns what the real call returned and leaves errno alone,
 * whatever happens to the recording: a traced program must not be able to
 * tell.  Which side of the call is recorded: see include/cmshim/trace.h.
 *
 * Only rows of the tables become wrappers, so every wrapper has a real
 * function; before the constructor has run there is one thread, and a call
 * that comes while the functions are being looked up (a malloc the program
 * brings, locking inside dlsym) is answered with success.
 */
#ifndef SHIM_WRAP_H
#define SHIM_WRAP_H

#include "real.h"
#include "record.h"

#define EXPORT __attribute__((visibility("default")))

/* The wrapper's own frame: only in the wrapper itself, never in a helper. */
#define FRAME __builtin_frame_address(0)

/* The numbers of the calls: CALL_pthread_mutex_lock ... */
enum call {
#define CALL(id, ret, name, params, op, class, version) CALL_##name = (id),
#include "calls.def"
#include "maps.def"
#undef CALL
};

/* Parameters or arguments in brackets, among others. */
#define SPLICE(...) __VA_ARGS__

/* The real call, for a wrapper that does not record. */
#define PASS(name, args) (REAL_IS_THERE(name) ? real.name args : 0)

/* How a wrapper finds out whether the call will wait. */
enum approach {
	/* By trying.  It sees every wait, and leaves the order of waiters as
	   it was: a lock call, too, takes the lock if it is free. */
	TRY_FIRST,
	/* By looking at the lock, where trying has effects of its own: of a
	   robust mutex that is not recoverable, trylock says so once and
	   leaves it locked (glibc 2.36).  A wait that begins between the look
	   and the call is not seen. */
	LOOK_FIRST,
	/* The call refuses its other arguments before it looks at the lock. */
	NOT_AT_ALL,
};

/* clock_gettime's clocks that a lock can wait by. */
static inline bool valid_clock(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC;
}

static inline bool valid_time(const struct timespec *t)
{
	return t->tv_nsec >= 0 && t->tv_nsec < 1000000000;
}

/* A signal that is being sent. */
struct signal_begun {
	struct object *object; /* NULL: not recorded */
	uint32_t id;	       /* as definitions know it */
	uint64_t number;
};

/*
 * Around a call that wakes waiters: SIGNAL or BROADCAST before it, and
 * SIGNALLED after it.  By then who was woken may have given the memory back,
 * and another object may be there: of that nothing is said.
 */
struct signal_begun before_signal(const void *frame, uint64_t key,
				  enum cmshim_op op, uint32_t call);
void after_signal(const void *frame, struct signal_begun begun);

/* A lock was destroyed; was_free: by its own account nobody had it. */
void lock_destroyed(const void *frame, uint64_t key, bool was_free);

/* A call is about to be made that ends in clone(2). */
void before_clone(const void *frame, uint64_t flags);

/*
 * libc's older way to have a function called on cancellation.  What
 * pthread_cleanup_push() makes of C without -fexceptions is undone by no
 * longjmp(): a handler that jumps out of a wait would leave libc a pointer to
 * a dead frame, to be followed when the thread ends.  A jump past these calls
 * the function too.
 */
void _pthread_cleanup_push(struct _pthread_cleanup_buffer *buffer,
			   void (*function)(void *), void *argument);
void _pthread_cleanup_pop(struct _pthread_cleanup_buffer *buffer, int execute);

#endif

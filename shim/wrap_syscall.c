/* SPDX-License-Identifier: MIT */
/*
 * syscall(2): seccomp filters, after which we make no system calls, and
 * futexes, which is how the locks of Rust, C++20, GLib, Abseil and others wait.
 * What takes such a lock without waiting makes no call and is not seen.
 *
 * The function is declared with an ellipsis; called so, its arguments lie
 * where those of one with seven parameters do.
 */
#include "wrap.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/seccomp.h>

#include "channel.h"
#include "sys.h"

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

/* Linux 6.7: the parts of futex(2) as calls of their own. */
#ifndef SYS_futex_wake
#define SYS_futex_wake	  454
#define SYS_futex_wait	  455
#define SYS_futex_requeue 456
#endif

/* A system call as it was asked for. */
struct asked {
	long number;
	const long *args;
};

enum futex_use { FUTEX_OTHER, FUTEX_WAITS, FUTEX_WAKES, FUTEX_WAKES_BOTH };

/*
 * A lock that the kernel hands over (PI) is used like one that it does not:
 * who waited goes on after who unlocked.  A waiter that is moved to another
 * futex is woken by a call on that one: see moved().
 */
static enum futex_use use_of(long operation)
{
	switch (operation & FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
	case FUTEX_WAIT_REQUEUE_PI:
		return FUTEX_WAITS;
	case FUTEX_WAKE:
	case FUTEX_WAKE_BITSET:
	case FUTEX_UNLOCK_PI:
		return FUTEX_WAKES;
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
	case FUTEX_CMP_REQUEUE_PI:
	case FUTEX_WAKE_OP:
		return FUTEX_WAKES_BOTH;
	default:
		return FUTEX_OTHER;
	}
}

/* GLib's mutexes and conditions are seen as such. */
static bool is_seen_otherwise(const void *word)
{
	return object_is_there(object_key(word, OBJECT_GMUTEX)) ||
	       object_is_there(object_key(word, OBJECT_GCOND));
}

/*
 * Waiters may be moved from one word to the other, and are woken there, which
 * is then a channel as well: whoever wakes there gives, and who has waited
 * where waiters are moved from takes.
 */
static void moved(uint64_t from, uint64_t to)
{
	_Atomic uint32_t *guard = object_guard();
	struct object *one = object_look_up(from), *other = object_look_up(to);

	if (one && other && one != other) {
		atomic_store(&one->first, object_address(to));
		atomic_store(&other->first, object_address(to));
	}
	object_unguard(guard);
}

/* Where else waiters of the futex are woken, or that they are woken here. */
static const void *other_place(uint64_t key)
{
	_Atomic uint32_t *guard = object_guard();
	struct object *o = object_look_up(key);
	uint64_t place = o ? atomic_load(&o->first) : 0;

	object_unguard(guard);
	return (const void *)(uintptr_t)place;
}

static void say(const void *frame, uint64_t key, enum cmshim_op op, int error)
{
	struct context *c = context_enter(frame);
	struct fields f = { .mask = error ? CMSHIM_CODE : 0,
			    .code = (uint32_t)error };

	if (!c)
		return;
	record_numbered(c, frame, key, op, &f);
	context_leave(c);
}

static long make(const struct asked *call)
{
	const long *args = call->args;

	return real.syscall(call->number, args[0], args[1], args[2], args[3],
			    args[4], args[5]);
}

static uint64_t key_at(long word)
{
	return object_key((const void *)(uintptr_t)word, OBJECT_FUTEX);
}

/* On the word that is the first argument. */
static long wait_for(const void *frame, const struct asked *call)
{
	const uint64_t key = key_at(call->args[0]);
	long r;
	int error;

	say(frame, key, CMSHIM_OP_WAIT, 0);
	r = make(call);
	error = errno;
	say(frame, key, CMSHIM_OP_WAKE, r < 0 ? error : 0);
	if (r >= 0)
		channel_take(frame, other_place(key), CALL_syscall);
	errno = error;
	return r;
}

/* Whom a call wakes: waiters of one word, or of two. */
struct woken {
	long one, other;
	bool has_other;
	bool moves; /* from one to the other */
};

static long wake(const void *frame, const struct asked *call,
		 const struct woken *w)
{
	const uint64_t one = key_at(w->one), other = key_at(w->other);
	struct signal_begun one_at, other_at = { .object = NULL };
	long r;
	int error;

	one_at = before_signal(frame, one, CMSHIM_OP_SIGNAL, CALL_syscall);
	if (w->has_other)
		other_at = before_signal(frame, other, CMSHIM_OP_SIGNAL,
					 CALL_syscall);
	if (w->moves)
		moved(one, other);
	channel_give(frame, other_place(one), CALL_syscall);
	r = make(call);
	error = errno;
	after_signal(frame, one_at);
	after_signal(frame, other_at);
	errno = error;
	return r;
}

static uint64_t key_of(const struct futex_waitv *word)
{
	return key_at((long)word->uaddr);
}

/* futex_waitv(2): on one of several words. */
COLD static bool wait_for_any(const void *frame, const struct asked *call,
			      long *result)
{
	struct futex_waitv words[FUTEX_WAITV_MAX];
	const long *args = call->args;
	const unsigned long n = (unsigned)args[1];
	unsigned long woken;
	int error;

	if (n < 1 || n > FUTEX_WAITV_MAX || !process_is_recording() ||
	    !process_copy(words, (const void *)(uintptr_t)args[0],
			  n * sizeof(words[0])))
		return false;
	for (unsigned long i = 0; i < n; i++)
		say(frame, key_of(&words[i]), CMSHIM_OP_WAIT, 0);
	*result = make(call);
	error = errno;
	woken = *result < 0 ? 0 : (unsigned long)*result % n;
	say(frame, key_of(&words[woken]), CMSHIM_OP_WAKE,
	    *result < 0 ? error : 0);
	for (unsigned long i = 0; i < n; i++)
		if (i != woken)
			say(frame, key_of(&words[i]), CMSHIM_OP_WAKE,
			    *result < 0 ? error : ECANCELED);
	errno = error;
	return true;
}

static bool is_left_alone(long word)
{
	return !process_is_recording() ||
	       is_seen_otherwise((const void *)(uintptr_t)word);
}

/* True if it made the call; so the others. */
static bool futex(const void *frame, const struct asked *call, long *result)
{
	const long *args = call->args;
	enum futex_use use = use_of(args[1]);
	const struct woken w = {
		.one = args[0],
		.other = args[4],
		.has_other = use == FUTEX_WAKES_BOTH,
		.moves = use == FUTEX_WAKES_BOTH &&
			 (args[1] & FUTEX_CMD_MASK) != FUTEX_WAKE_OP,
	};

	if (use == FUTEX_OTHER || is_left_alone(args[0]))
		return false;
	*result = use == FUTEX_WAITS ? wait_for(frame, call)
				     : wake(frame, call, &w);
	return true;
}

/* The words are given as futex_waitv()'s are: from where, and to where. */
static bool requeue(const void *frame, const struct asked *call, long *result)
{
	struct futex_waitv words[2];
	struct woken w = { .has_other = true, .moves = true };

	if (!process_is_recording() ||
	    !process_copy(words, (const void *)(uintptr_t)call->args[0],
			  sizeof(words)))
		return false;
	w.one = (long)words[0].uaddr;
	w.other = (long)words[1].uaddr;
	if (is_left_alone(w.one))
		return false;
	*result = wake(frame, call, &w);
	return true;
}

static bool futex_call(const void *frame, const struct asked *call,
		       long *result)
{
	const struct woken w = { .one = call->args[0] };

	switch (call->number) {
	case SYS_futex:
		return futex(frame, call, result);
	case SYS_futex_waitv:
		return wait_for_any(frame, call, result);
	case SYS_futex_wait:
		if (is_left_alone(w.one))
			return false;
		*result = wait_for(frame, call);
		return true;
	case SYS_futex_wake:
		if (is_left_alone(w.one))
			return false;
		*result = wake(frame, call, &w);
		return true;
	case SYS_futex_requeue:
		return requeue(frame, call, result);
	default:
		return false;
	}
}

static uint64_t clone3_flags(const void *args, size_t bytes)
{
	uint64_t flags = 0;

	if (bytes >= sizeof(flags) && process_is_recording())
		process_copy(&flags, args, sizeof(flags));
	return flags;
}

EXPORT long wrapped_syscall(long number, long a, long b, long c, long d, long e,
			    long f) __asm__("syscall");

long wrapped_syscall(long number, long a, long b, long c, long d, long e,
		     long f)
{
	const bool fences =
		number == SYS_seccomp &&
		(a == SECCOMP_SET_MODE_STRICT || a == SECCOMP_SET_MODE_FILTER);
	bool before = false;
	long r;

	if (number == SYS_clone)
		before_clone(FRAME, (uint64_t)a);
	if (number == SYS_clone3)
		before_clone(FRAME, clone3_flags((const void *)a, (size_t)b));
	if (REAL_IS_THERE(syscall) &&
	    futex_call(FRAME,
		       &(const struct asked){
			       number, (const long[]){ a, b, c, d, e, f } },
		       &r))
		return r;
	/* With other arguments it fails: libseccomp's way to ask whether the
	   call is there. */
	if (fences && a == SECCOMP_SET_MODE_STRICT && b == 0 && c == 0)
		process_stop();
	if (fences)
		before = process_fence(true);
	r = PASS(syscall, (number, a, b, c, d, e, f));
	if (fences && r != 0)
		process_fence(before);
	return r;
}

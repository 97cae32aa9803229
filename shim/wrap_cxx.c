/* SPDX-License-Identifier: MIT */
/*
 * C++: variables that are initialised when they are first reached (Itanium C++
 * ABI, 3.3.3).  Compilers look at the guard before they call, so threads that
 * come when it is done are not seen.
 *
 * A module that has the C++ library in itself calls our functions, too, and
 * its own may be out of our reach (dlopen(), RTLD_LOCAL).  Then a guard is
 * kept here: its first byte says that it is done, as compilers know; the
 * second, that somebody is at it.  All three calls of a module meet the same
 * library, or none.
 */
#include "wrap.h"

#include <sched.h>

static void plain(const void *frame, const void *guard, enum cmshim_op op,
		  uint32_t call, uint32_t flags)
{
	struct context *c = context_enter(frame);
	struct fields f = { .mask = 0 };

	if (!c)
		return;
	record_optional(&f, call, flags);
	record_numbered(c, frame, object_key(guard, OBJECT_ONCE), op, &f);
	context_leave(c);
}

static int own_acquire(_Atomic uint8_t *guard)
{
	for (;;) {
		uint8_t nobody = 0;

		if (atomic_load(&guard[0]))
			return 0;
		if (!atomic_compare_exchange_strong(&guard[1], &nobody, 1)) {
			sched_yield();
			continue;
		}
		if (!atomic_load(&guard[0]))
			return 1;
		atomic_store(&guard[1], 0);
		return 0;
	}
}

/* Recorded whether it is done or to be done, now or after somebody failed. */
EXPORT int __cxa_guard_acquire(void *guard)
{
	int first = REAL_IS_THERE(__cxa_guard_acquire)
			    ? real.__cxa_guard_acquire(guard)
			    : own_acquire(guard);

	plain(FRAME, guard, CMSHIM_OP_ONCE_RETURN, CALL___cxa_guard_acquire,
	      first ? CMSHIM_MISS : 0);
	return first;
}

EXPORT void __cxa_guard_release(void *guard)
{
	plain(FRAME, guard, CMSHIM_OP_ONCE_RAN, CALL___cxa_guard_release, 0);
	if (REAL_IS_THERE(__cxa_guard_release)) {
		real.__cxa_guard_release(guard);
		return;
	}
	atomic_store(&((_Atomic uint8_t *)guard)[0], 1);
	atomic_store(&((_Atomic uint8_t *)guard)[1], 0);
}

/* The initialisation threw; what it did comes before the next try. */
EXPORT void __cxa_guard_abort(void *guard)
{
	plain(FRAME, guard, CMSHIM_OP_ONCE_RAN, CALL___cxa_guard_abort, 0);
	if (REAL_IS_THERE(__cxa_guard_abort)) {
		real.__cxa_guard_abort(guard);
		return;
	}
	atomic_store(&((_Atomic uint8_t *)guard)[1], 0);
}

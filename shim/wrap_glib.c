/* SPDX-License-Identifier: MIT */
/*
 * GMutex.  It is a word that GLib waits on by futex(2); the calls that libglib
 * makes to it inside itself are not seen.  (GCond: wrap_cond.c.)
 */
#include "wrap.h"

#include <errno.h>

EXPORT void g_mutex_lock(void *m)
{
	const uint64_t key = object_key(m, OBJECT_GMUTEX);
	struct record_wait wait;
	struct context *c;

	if (!REAL_IS_THERE(g_mutex_lock) || !REAL_IS_THERE(g_mutex_trylock))
		return;
	c = context_enter(FRAME);
	if (!c) {
		real.g_mutex_lock(m);
		return;
	}
	if (likely(real.g_mutex_trylock(m))) {
		record_acquire(c, FRAME, key, false, CALL_g_mutex_lock, 0);
		context_leave(c);
		return;
	}
	record_request(c, FRAME, key, CMSHIM_OP_ACQUIRE, CALL_g_mutex_lock, 0,
		       &wait);
	context_leave(c);
	real.g_mutex_lock(m);
	record_waited(FRAME, &wait, 0, 0);
}

EXPORT int g_mutex_trylock(void *m)
{
	const uint64_t key = object_key(m, OBJECT_GMUTEX);
	int taken = PASS(g_mutex_trylock, (m));
	struct context *c = context_enter(FRAME);

	if (!c)
		return taken;
	if (taken)
		record_acquire(c, FRAME, key, false, CALL_g_mutex_trylock,
			       CMSHIM_TRY);
	else
		record_refused(c, FRAME, key, CALL_g_mutex_trylock, CMSHIM_TRY,
			       EBUSY);
	context_leave(c);
	return taken;
}

EXPORT void g_mutex_unlock(void *m)
{
	struct context *c = context_enter(FRAME);

	if (c) {
		record_release(c, FRAME, object_key(m, OBJECT_GMUTEX));
		context_leave(c);
	}
	if (REAL_IS_THERE(g_mutex_unlock))
		real.g_mutex_unlock(m);
}

EXPORT void g_mutex_init(void *m)
{
	struct context *c;

	if (REAL_IS_THERE(g_mutex_init))
		real.g_mutex_init(m);
	c = context_enter(FRAME);
	if (!c)
		return;
	record_new(c, FRAME, object_key(m, OBJECT_GMUTEX), CMSHIM_OP_INIT,
		   CALL_g_mutex_init, 0);
	context_leave(c);
}

EXPORT void g_mutex_clear(void *m)
{
	struct context *c;

	if (REAL_IS_THERE(g_mutex_clear))
		real.g_mutex_clear(m);
	c = context_enter(FRAME);
	if (!c)
		return;
	record_numbered(c, FRAME, object_key(m, OBJECT_GMUTEX),
			CMSHIM_OP_DESTROY,
			&(struct fields){ .mask = CMSHIM_CALL,
					  .call = CALL_g_mutex_clear });
	context_leave(c);
}

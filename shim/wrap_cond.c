/* SPDX-License-Identifier: MIT */
/*
 * Condition variables, POSIX, C11 and GLib's.
 *
 * libc gives the mutex up and takes it again inside the wait, out of our
 * sight, so both are recorded here.  A wait that is cancelled takes the mutex
 * again before the program's cleanup handlers run; a handler of ours, pushed
 * in front of them, records that.
 */
#include "wrap.h"

#include <errno.h>

#include "given_up.h"
#include "kind.h"
#include "lives.h"

struct cond_wait {
	const void *frame;
	uint64_t condition, mutex; /* keys */
	uint32_t call, flags;
};

static void begin_wait(struct context *c, const struct cond_wait *w)
{
	struct fields f = { .mask = CMSHIM_ARG };

	record_release(c, w->frame, w->mutex);
	f.arg = record_id(c, w->frame, w->mutex);
	record_optional(&f, w->call, w->flags);
	record_numbered(c, w->frame, w->condition, CMSHIM_OP_WAIT, &f);
}

/* error: why the wait ended, 0 for a wake-up; took: the mutex is held. */
static void end_wait(const struct cond_wait *w, int error, bool took,
		     uint32_t flags)
{
	struct context *c = context_enter(w->frame);
	struct fields f = { .mask = 0 };

	if (!c)
		return;
	if (error) {
		f.mask |= CMSHIM_CODE;
		f.code = (uint32_t)error;
	}
	record_numbered(c, w->frame, w->condition, CMSHIM_OP_WAKE, &f);
	if (took)
		record_acquire(c, w->frame, w->mutex, false, w->call, flags);
	context_leave(c);
}

/* The call was refused: the mutex was never given up. */
static void refused(const struct cond_wait *w, bool held, int error)
{
	struct context *c = context_enter(w->frame);
	struct known *k;

	if (!c)
		return;
	record_release_failed(c, w->frame, w->mutex, error);
	k = held ? record_known(c, w->mutex, w->frame, 0) : NULL;
	if (k)
		record_hold(c, k, 0);
	context_leave(c);
	end_wait(w, error, false, 0);
}

/* A jump out of the wait comes here too: libc has the mutex again then as
   well. */
static void cancelled(void *data)
{
	end_wait(data, ECANCELED, true, CMSHIM_CANCELLED);
}

/* Whether the thread is known to hold the mutex. */
static bool holds(const struct context *c, uint64_t key)
{
	for (uint32_t i = 1; i <= c->n_held; i++)
		if (c->held[i].key == key)
			return true;
	return false;
}

/* result is an errno value; EOWNERDEAD came with the mutex. */
static void finish(const struct cond_wait *w, bool held, int result)
{
	if (result == EPERM || result == EINVAL)
		refused(w, held, result);
	else
		end_wait(w, result == EOWNERDEAD ? 0 : result,
			 result != ENOTRECOVERABLE,
			 result == EOWNERDEAD ? CMSHIM_OWNER_DIED : 0);
}

/*
 * NULL too where the wait will be refused since the mutex is not the thread's,
 * which the kinds that check that notice before they give it up.
 */
static struct context *enter(const struct cond_wait *w)
{
	const pthread_mutex_t *m =
		(const void *)(uintptr_t)object_address(w->mutex);
	struct context *c = context_enter(w->frame);

	/* What else it holds is said of it. */
	if (c && c->n_held > 1)
		given_up_look(c, w->frame);
	if (!c || object_class(w->mutex) != OBJECT_MUTEX ||
	    holds(c, w->mutex) || !kind_mutex_checks_owner(m))
		return c;
	context_leave(c);
	return NULL;
}

/*
 * Sets r to what the call gives.  What is refused for its arguments (valid) is
 * not recorded.
 */
#define WAIT(name, the_call, cond, cond_class, mtx, mtx_class, wait_flags, \
	     valid, error_of)                                              \
	struct cond_wait w = {                                             \
		.frame = FRAME,                                            \
		.condition = object_key(cond, cond_class),                 \
		.mutex = object_key(mtx, mtx_class),                       \
		.call = CALL_##name,                                       \
		.flags = (wait_flags),                                     \
	};                                                                 \
	struct context *c_ = (valid) ? enter(&w) : NULL;                   \
                                                                           \
	if (c_) {                                                          \
		struct _pthread_cleanup_buffer cleanup;                    \
		bool held = holds(c_, w.mutex);                            \
                                                                           \
		begin_wait(c_, &w);                                        \
		context_leave(c_);                                         \
		_pthread_cleanup_push(&cleanup, cancelled, &w);            \
		r = (the_call);                                            \
		_pthread_cleanup_pop(&cleanup, 0);                         \
		finish(&w, held, error_of(r));                             \
	} else {                                                           \
		r = (the_call);                                            \
	}

#define AS_IT_IS(result) (result)
#define OF_C11(result)                           \
	((result) == thrd_success    ? 0         \
	 : (result) == thrd_timedout ? ETIMEDOUT \
				     : EINVAL)
#define OF_GLIB(result) ((result) ? 0 : ETIMEDOUT)

/* Waits of both the libc families, whose objects have the same layout. */
#define LIBC_WAIT(name, params, args, flags, valid, error_of)        \
	EXPORT int name params                                       \
	{                                                            \
		int r;                                               \
                                                                     \
		WAIT(name, PASS(name, args), c, OBJECT_CONDITION, m, \
		     OBJECT_MUTEX, flags, valid, error_of)           \
		return r;                                            \
	}

LIBC_WAIT(pthread_cond_wait, (pthread_cond_t * c, pthread_mutex_t *m), (c, m),
	  0, true, AS_IT_IS)
LIBC_WAIT(pthread_cond_timedwait,
	  (pthread_cond_t * c, pthread_mutex_t *m, const struct timespec *t),
	  (c, m, t), CMSHIM_TIMED, valid_time(t), AS_IT_IS)
LIBC_WAIT(pthread_cond_clockwait,
	  (pthread_cond_t * c, pthread_mutex_t *m, clockid_t clock,
	   const struct timespec *t),
	  (c, m, clock, t), CMSHIM_TIMED, valid_clock(clock) && valid_time(t),
	  AS_IT_IS)
LIBC_WAIT(cnd_wait, (cnd_t * c, mtx_t *m), (c, m), 0, true, OF_C11)
LIBC_WAIT(cnd_timedwait, (cnd_t * c, mtx_t *m, const struct timespec *t),
	  (c, m, t), CMSHIM_TIMED, valid_time(t), OF_C11)

EXPORT void g_cond_wait(void *c, void *m)
{
	int r;

	if (!REAL_IS_THERE(g_cond_wait))
		return;
	WAIT(g_cond_wait, (real.g_cond_wait(c, m), 1), c, OBJECT_GCOND, m,
	     OBJECT_GMUTEX, 0, true, OF_GLIB)
	(void)r;
}

EXPORT int g_cond_wait_until(void *c, void *m, int64_t until_us)
{
	int r;

	WAIT(g_cond_wait_until, PASS(g_cond_wait_until, (c, m, until_us)), c,
	     OBJECT_GCOND, m, OBJECT_GMUTEX, CMSHIM_TIMED, true, OF_GLIB)
	return r;
}

/* Deprecated; until NULL: without an end. */
EXPORT int g_cond_timed_wait(void *c, void *m, void *until)
{
	int r;

	WAIT(g_cond_timed_wait, PASS(g_cond_timed_wait, (c, m, until)), c,
	     OBJECT_GCOND, m, OBJECT_GMUTEX, until ? CMSHIM_TIMED : 0, true,
	     OF_GLIB)
	return r;
}

HOT struct signal_begun signal_begins(const void *frame, uint64_t key,
				      enum cmshim_op op, uint32_t call)
{
	struct signal_begun begun = { .object = NULL };
	struct context *c = context_enter(frame);
	struct known *k;
	uint8_t *next;

	if (unlikely(!c))
		return begun;
	k = record_known(c, key, frame, 0);
	next = c->events.pos;
	if (likely(k != NULL)) {
		begun.object = k->object;
		begun.id = known_id(k);
		next = record_plain(c, k, stack_code_of(c, frame), op,
				    (struct taken){ call, 0 }, &begun.number);
	}
	context_leave_at(c, next);
	return begun;
}

static COLD void signal_met(const void *frame, struct signal_begun begun,
			    uint64_t last)
{
	struct context *c = context_enter(frame);

	if (!c)
		return;
	/* After the number: it is of the same object then. */
	if (atomic_load(&begun.object->id) == begun.id)
		encode(c, CMSHIM_OP_SIGNALLED,
		       &(struct fields){ .mask = CMSHIM_OBJECT | CMSHIM_END,
					 .object = begun.id,
					 .end = last });
	context_leave(c);
}

/*
 * A waiter may have woken while the signalling call was going on: every wait
 * that the interval from here to there meets may be the one it woke.
 */
HOT void signal_ended(const void *frame, struct signal_begun begun)
{
	uint64_t last;

	if (unlikely(!begun.object))
		return;
	last = atomic_load_explicit(&begun.object->number,
				    memory_order_acquire);
	if (unlikely(last != begun.number))
		signal_met(frame, begun, last);
}

struct signal_begun before_signal(const void *frame, uint64_t key,
				  enum cmshim_op op, uint32_t call)
{
	return signal_begins(frame, key, op, call);
}

void after_signal(const void *frame, struct signal_begun begun)
{
	signal_ended(frame, begun);
}

#define SIGNAL(ret, name, type, class, op, number, the_call)               \
	EXPORT ret name(type *c)                                           \
	{                                                                  \
		const uint64_t key = object_key(c, class);                 \
		struct signal_begun at =                                   \
			signal_begins(FRAME, key, CMSHIM_OP_##op, number); \
                                                                           \
		the_call;                                                  \
		signal_ended(FRAME, at);                                   \
		LEAVE_##ret;                                               \
	}
#define LEAVE_int  return r
#define LEAVE_void (void)0

#define LIBC_SIGNAL(name, type, op, number)                   \
	SIGNAL(int, name, type, OBJECT_CONDITION, op, number, \
	       int r = PASS(name, (c)))
#define GLIB_SIGNAL(name, op)                                   \
	SIGNAL(void, name, void, OBJECT_GCOND, op, CALL_##name, \
	       if (REAL_IS_THERE(name)) real.name(c))

LIBC_SIGNAL(pthread_cond_signal, pthread_cond_t, SIGNAL, NATURAL)
LIBC_SIGNAL(pthread_cond_broadcast, pthread_cond_t, BROADCAST, NATURAL)
LIBC_SIGNAL(cnd_signal, cnd_t, SIGNAL, CALL_cnd_signal)
LIBC_SIGNAL(cnd_broadcast, cnd_t, BROADCAST, CALL_cnd_broadcast)
GLIB_SIGNAL(g_cond_signal, SIGNAL)
GLIB_SIGNAL(g_cond_broadcast, BROADCAST)

static void made(const void *frame, uint64_t key, uint32_t call)
{
	struct context *c = context_enter(frame);

	if (!c)
		return;
	record_init(c, frame, key, call, 0);
	context_leave(c);
}

static void ended(const void *frame, uint64_t key)
{
	struct context *c = context_enter(frame);

	if (!c)
		return;
	record_numbered(c, frame, key, CMSHIM_OP_DESTROY,
			&(struct fields){ .mask = 0 });
	context_leave(c);
}

EXPORT int pthread_cond_init(pthread_cond_t *c, const pthread_condattr_t *a)
{
	int r = PASS(pthread_cond_init, (c, a));

	if (r == 0)
		made(FRAME, object_key(c, OBJECT_CONDITION),
		     CALL_pthread_cond_init);
	return r;
}

EXPORT int cnd_init(cnd_t *c)
{
	int r = PASS(cnd_init, (c));

	if (r == thrd_success)
		made(FRAME, object_key(c, OBJECT_CONDITION), CALL_cnd_init);
	return r;
}

/* glibc's never fails, and waits for all waiters to leave: recorded before it,
   a call that never returns is seen. */
EXPORT int pthread_cond_destroy(pthread_cond_t *c)
{
	const uint64_t key = object_key(c, OBJECT_CONDITION);
	int r;

	lives_settle(key);
	ended(FRAME, key);
	r = PASS(pthread_cond_destroy, (c));
	lives_settle(key);
	return r;
}

EXPORT void cnd_destroy(cnd_t *c)
{
	const uint64_t key = object_key(c, OBJECT_CONDITION);

	lives_settle(key);
	ended(FRAME, key);
	if (REAL_IS_THERE(cnd_destroy))
		real.cnd_destroy(c);
	lives_settle(key);
}

EXPORT void g_cond_init(void *c)
{
	if (REAL_IS_THERE(g_cond_init))
		real.g_cond_init(c);
	made(FRAME, object_key(c, OBJECT_GCOND), CALL_g_cond_init);
}

EXPORT void *g_cond_new(void)
{
	void *c = PASS(g_cond_new, ());

	if (c)
		made(FRAME, object_key(c, OBJECT_GCOND), CALL_g_cond_new);
	return c;
}

/* Recorded before: afterwards the memory may be another's. */
EXPORT void g_cond_free(void *c)
{
	if (c) {
		lives_settle(object_key(c, OBJECT_GCOND));
		ended(FRAME, object_key(c, OBJECT_GCOND));
	}
	if (REAL_IS_THERE(g_cond_free))
		real.g_cond_free(c);
}

EXPORT void g_cond_clear(void *c)
{
	if (REAL_IS_THERE(g_cond_clear))
		real.g_cond_clear(c);
	ended(FRAME, object_key(c, OBJECT_GCOND));
	lives_settle(object_key(c, OBJECT_GCOND));
}

EXPORT void mtx_destroy(mtx_t *m)
{
	const bool was_free = kind_is_free(m, OBJECT_MUTEX);

	if (REAL_IS_THERE(mtx_destroy))
		real.mtx_destroy(m);
	lock_destroyed(FRAME, object_key(m, OBJECT_MUTEX), was_free);
}

EXPORT int pthread_mutex_consistent(pthread_mutex_t *m)
{
	int r = PASS(pthread_mutex_consistent, (m));
	struct context *c = r == 0 ? context_enter(FRAME) : NULL;

	if (c) {
		record_numbered(c, FRAME, object_key(m, OBJECT_MUTEX),
				CMSHIM_OP_CONSISTENT,
				&(struct fields){ .mask = 0 });
		context_leave(c);
	}
	return r;
}

/* SPDX-License-Identifier: MIT */
/*
 * GLib's locks and threads.
 *
 * GMutex is a word that GLib waits on by futex(2); so are its locks of single
 * bits.  What libglib does with them inside itself binds locally and is not
 * seen.  GRecMutex and GRWLock have no wrappers: they are pthread locks, and
 * libglib calls those by name (2.74), so every hold is seen once, whether the
 * program took it or libglib did.  (GCond: wrap_cond.c.)
 */
#include "wrap.h"

#include <errno.h>

#include "thread.h"

/*
 * A lock call, which is tried first.  key_of: the lock as an object; shared:
 * whether it is taken as a reader.
 */
#define GLIB_LOCK(name, try_name, params, args, key_of, shared)              \
	EXPORT void name params                                              \
	{                                                                    \
		const uint64_t key = (key_of);                               \
		const struct taken taken = { .call = CALL_##name };          \
		struct code stack;                                           \
		struct record_wait wait;                                     \
		struct context *c;                                           \
		struct known *k;                                             \
                                                                             \
		if (!REAL_IS_THERE(name) || !REAL_IS_THERE(try_name))        \
			return;                                              \
		c = context_enter(FRAME);                                    \
		if (!c) {                                                    \
			real.name args;                                      \
			return;                                              \
		}                                                            \
		k = record_known(c, key, FRAME, 0);                          \
		if (unlikely(!k)) {                                          \
			context_leave(c);                                    \
			real.name args;                                      \
			return;                                              \
		}                                                            \
		stack = stack_code_of(c, FRAME);                             \
		if (likely(real.try_name args)) {                            \
			context_leave_at(                                    \
				c, record_took(c, k, stack, shared, taken)); \
			return;                                              \
		}                                                            \
		record_request(c, k, stack,                                  \
			       (shared) ? CMSHIM_OP_ACQUIRE_SHARED           \
					: CMSHIM_OP_ACQUIRE,                 \
			       taken, &wait);                                \
		context_leave(c);                                            \
		real.name args;                                              \
		record_waited(FRAME, &wait, 0, 0);                           \
	}

#define GLIB_TRYLOCK(name, params, args, key_of, shared)                       \
	EXPORT int name params                                                 \
	{                                                                      \
		const uint64_t key = (key_of);                                 \
		int taken = PASS(name, args);                                  \
		struct context *c = context_enter(FRAME);                      \
                                                                               \
		if (!c)                                                        \
			return taken;                                          \
		if (taken)                                                     \
			record_acquire(c, FRAME, key, shared, CALL_##name,     \
				       CMSHIM_TRY);                            \
		else                                                           \
			record_refused(c, FRAME, key, CALL_##name, CMSHIM_TRY, \
				       EBUSY);                                 \
		context_leave(c);                                              \
		return taken;                                                  \
	}

#define GLIB_UNLOCK(name, params, args, key_of)                          \
	EXPORT void name params                                          \
	{                                                                \
		const uint64_t key = (key_of);                           \
		struct context *c = context_enter(FRAME);                \
		uint8_t *next;                                           \
                                                                         \
		if (likely(c != NULL)) {                                 \
			next = record_release_top(c, key);               \
			if (likely(next != NULL))                        \
				context_leave_at(c, next);               \
			else                                             \
				record_release_and_leave(c, FRAME, key); \
		}                                                        \
		if (REAL_IS_THERE(name))                                 \
			real.name args;                                  \
	}

#define GMUTEX object_key(m, OBJECT_GMUTEX)
GLIB_LOCK(g_mutex_lock, g_mutex_trylock, (void *m), (m), GMUTEX, false)
GLIB_TRYLOCK(g_mutex_trylock, (void *m), (m), GMUTEX, false)
GLIB_UNLOCK(g_mutex_unlock, (void *m), (m), GMUTEX)

#define BIT_LOCK object_bit_key(word, bit, OBJECT_GMUTEX)
GLIB_LOCK(g_bit_lock, g_bit_trylock, (volatile void *word, int bit),
	  (word, bit), BIT_LOCK, false)
GLIB_TRYLOCK(g_bit_trylock, (volatile void *word, int bit), (word, bit),
	     BIT_LOCK, false)
GLIB_UNLOCK(g_bit_unlock, (volatile void *word, int bit), (word, bit), BIT_LOCK)
GLIB_LOCK(g_pointer_bit_lock, g_pointer_bit_trylock,
	  (volatile void *word, int bit), (word, bit), BIT_LOCK, false)
GLIB_TRYLOCK(g_pointer_bit_trylock, (volatile void *word, int bit), (word, bit),
	     BIT_LOCK, false)
GLIB_UNLOCK(g_pointer_bit_unlock, (volatile void *word, int bit), (word, bit),
	    BIT_LOCK)

/* Deprecated, and made of a GMutex and two GConds inside libglib. */
#define STATIC_RWLOCK object_key(l, OBJECT_OWN_RWLOCK)
GLIB_LOCK(g_static_rw_lock_reader_lock, g_static_rw_lock_reader_trylock,
	  (void *l), (l), STATIC_RWLOCK, true)
GLIB_TRYLOCK(g_static_rw_lock_reader_trylock, (void *l), (l), STATIC_RWLOCK,
	     true)
GLIB_UNLOCK(g_static_rw_lock_reader_unlock, (void *l), (l), STATIC_RWLOCK)
GLIB_LOCK(g_static_rw_lock_writer_lock, g_static_rw_lock_writer_trylock,
	  (void *l), (l), STATIC_RWLOCK, false)
GLIB_TRYLOCK(g_static_rw_lock_writer_trylock, (void *l), (l), STATIC_RWLOCK,
	     false)
GLIB_UNLOCK(g_static_rw_lock_writer_unlock, (void *l), (l), STATIC_RWLOCK)

static void made(const void *frame, uint64_t key, uint32_t call)
{
	struct context *c = context_enter(frame);

	if (!c)
		return;
	record_init(c, frame, key, call, 0);
	context_leave(c);
}

static void flagged(const void *frame, uint64_t key, enum cmshim_op op,
		    uint32_t call, uint32_t flags)
{
	struct context *c = context_enter(frame);
	struct fields f = { .mask = 0 };

	if (!c)
		return;
	record_optional(&f, call, flags);
	record_numbered(c, frame, key, op, &f);
	context_leave(c);
}

static void numbered(const void *frame, uint64_t key, enum cmshim_op op,
		     uint32_t call)
{
	flagged(frame, key, op, call, 0);
}

EXPORT void g_mutex_init(void *m)
{
	if (REAL_IS_THERE(g_mutex_init))
		real.g_mutex_init(m);
	made(FRAME, GMUTEX, CALL_g_mutex_init);
}

EXPORT void g_mutex_clear(void *m)
{
	if (REAL_IS_THERE(g_mutex_clear))
		real.g_mutex_clear(m);
	numbered(FRAME, GMUTEX, CMSHIM_OP_DESTROY, CALL_g_mutex_clear);
}

EXPORT void *g_mutex_new(void)
{
	void *m = PASS(g_mutex_new, ());

	if (m)
		made(FRAME, GMUTEX, CALL_g_mutex_new);
	return m;
}

/* Recorded before: afterwards the memory may be another's. */
EXPORT void g_mutex_free(void *m)
{
	if (m)
		numbered(FRAME, GMUTEX, CMSHIM_OP_DESTROY, CALL_g_mutex_free);
	if (REAL_IS_THERE(g_mutex_free))
		real.g_mutex_free(m);
}

/*
 * A thread's start routine and creator, which libglib's call of
 * pthread_create() would say to be libglib.
 */
static void about_to_make(const void *frame, void *(*routine)(void *))
{
	thread_maker = (struct thread_maker){
		.frame = frame,
		.start_routine = (uint64_t)(uintptr_t)routine,
	};
}

#define GLIB_THREAD(name, params, args)                                \
	EXPORT void *name params                                       \
	{                                                              \
		void *thread;                                          \
                                                                       \
		about_to_make(FRAME, routine);                         \
		thread = PASS(name, args);                             \
		thread_maker = (struct thread_maker){ .frame = NULL }; \
		return thread;                                         \
	}

GLIB_THREAD(g_thread_new,
	    (const char *name, void *(*routine)(void *), void *arg),
	    (name, routine, arg))
GLIB_THREAD(g_thread_try_new,
	    (const char *name, void *(*routine)(void *), void *arg,
	     void **error),
	    (name, routine, arg, error))
GLIB_THREAD(g_thread_create,
	    (void *(*routine)(void *), void *arg, int joinable, void **error),
	    (routine, arg, joinable, error))
GLIB_THREAD(g_thread_create_full,
	    (void *(*routine)(void *), void *arg, unsigned long stack,
	     int joinable, int bound, int priority, void **error),
	    (routine, arg, stack, joinable, bound, priority, error))

/*
 * Once.  What the macros of glib.h find done already they do not ask for, so
 * of the threads that come later nothing is seen.
 */
#define GLIB_ONCE_ENTER(name, type)                               \
	EXPORT int name(type location)                            \
	{                                                         \
		int first = PASS(name, (location));               \
                                                                  \
		flagged(FRAME, object_key(location, OBJECT_ONCE), \
			CMSHIM_OP_ONCE_RETURN, CALL_##name,       \
			first ? CMSHIM_MISS : 0);                 \
		return first;                                     \
	}

GLIB_ONCE_ENTER(g_once_init_enter, volatile void *)
GLIB_ONCE_ENTER(g_once_init_enter_impl, volatile void *)
GLIB_ONCE_ENTER(g_once_init_enter_pointer, void *)

EXPORT void g_once_init_leave(volatile void *location, uintptr_t result)
{
	numbered(FRAME, object_key(location, OBJECT_ONCE), CMSHIM_OP_ONCE_RAN,
		 CALL_g_once_init_leave);
	if (REAL_IS_THERE(g_once_init_leave))
		real.g_once_init_leave(location, result);
}

EXPORT void g_once_init_leave_pointer(void *location, void *result)
{
	numbered(FRAME, object_key(location, OBJECT_ONCE), CMSHIM_OP_ONCE_RAN,
		 CALL_g_once_init_leave_pointer);
	if (REAL_IS_THERE(g_once_init_leave_pointer))
		real.g_once_init_leave_pointer(location, result);
}

/* The routine of a GOnce is run by way of one of ours, which says when it
   began and ended. */
struct once_run {
	void *(*routine)(void *);
	void *arg;
	uint64_t key;
};

static void *run_once(void *data)
{
	const struct once_run *run = data;
	void *result;

	flagged(FRAME, run->key, CMSHIM_OP_ONCE_RETURN, CALL_g_once_impl,
		CMSHIM_MISS);
	result = run->routine(run->arg);
	numbered(FRAME, run->key, CMSHIM_OP_ONCE_RAN, CALL_g_once_impl);
	return result;
}

EXPORT void *g_once_impl(void *once, void *(*routine)(void *), void *arg)
{
	struct once_run run = { .routine = routine,
				.arg = arg,
				.key = object_key(once, OBJECT_ONCE) };
	void *result = PASS(g_once_impl, (once, run_once, &run));

	numbered(FRAME, run.key, CMSHIM_OP_ONCE_RETURN, CALL_g_once_impl);
	return result;
}

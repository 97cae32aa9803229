/* SPDX-License-Identifier: MIT */
/*
 * The wrappers of the shapes of calls.def: whatever is locked and unlocked.
 */
#include "wrap.h"

#include <errno.h>

#include "kind.h"

#define EXCLUSIVE false
#define SHARED	  true
#define TIMED	  CMSHIM_TIMED

/* EOWNERDEAD: a robust mutex whose owner died, and which is now ours. */
#define POSIX_BUSY(result)  ((result) == EBUSY)
#define POSIX_TOOK(result)  ((result) == 0 || (result) == EOWNERDEAD)
#define POSIX_ERROR(result) (result)
#define C11_BUSY(result)    ((result) == thrd_busy)
#define C11_TOOK(result)    ((result) == thrd_success)
#define C11_ERROR(result)                        \
	((result) == thrd_busy	     ? EBUSY     \
	 : (result) == thrd_timedout ? ETIMEDOUT \
				     : EINVAL)

/* The natural call of its op and class needs no number in an event. */
#define NUMBER_OF(name)                                               \
	(CALL_##name == CALL_pthread_mutex_lock ||                    \
			 CALL_##name == CALL_pthread_rwlock_rdlock || \
			 CALL_##name == CALL_pthread_rwlock_wrlock || \
			 CALL_##name == CALL_pthread_spin_lock        \
		 ? NATURAL                                            \
		 : CALL_##name)

static uint32_t took_flags(int result, uint32_t flags)
{
	return flags | (result == EOWNERDEAD ? CMSHIM_OWNER_DIED : 0);
}

static enum approach how_mutex(const pthread_mutex_t *m)
{
	return unlikely(kind_mutex_is_robust(m)) ? LOOK_FIRST : TRY_FIRST;
}

/* Rwlocks and spinlocks are never looked at. */
static bool looks_busy(const volatile void *object, enum object_class class)
{
	return class == OBJECT_MUTEX && kind_mutex_is_locked(object);
}

#define ACQUIRE(id, name, params, args, object, class, mode, try_name, flags, \
		results, how)                                                 \
	EXPORT int name params                                                \
	{                                                                     \
		const uint64_t key = object_key(object, OBJECT_##class);      \
		const enum approach way = (how);                              \
		struct record_wait wait;                                      \
		struct context *c;                                            \
		bool busy;                                                    \
		int r = 0;                                                    \
                                                                              \
		if (unlikely(way == NOT_AT_ALL))                              \
			return PASS(name, args);                              \
		c = context_enter(FRAME);                                     \
		if (unlikely(!c))                                             \
			return PASS(name, args);                              \
		if (likely(way == TRY_FIRST)) {                               \
			r = real.try_name(object);                            \
			busy = results##_BUSY(r);                             \
		} else {                                                      \
			busy = looks_busy(object, OBJECT_##class);            \
			context_leave(c);                                     \
			if (!busy)                                            \
				r = real.name args;                           \
			c = context_enter(FRAME);                             \
			if (!c)                                               \
				return busy ? real.name args : r;             \
		}                                                             \
		if (unlikely(busy)) {                                         \
			record_request(c, FRAME, key,                         \
				       mode ? CMSHIM_OP_ACQUIRE_SHARED        \
					    : CMSHIM_OP_ACQUIRE,              \
				       NUMBER_OF(name), flags, &wait);        \
			context_leave(c);                                     \
			r = real.name args;                                   \
			record_waited(FRAME, &wait,                           \
				      results##_TOOK(r) ? 0                   \
							: results##_ERROR(r), \
				      took_flags(r, 0));                      \
			return r;                                             \
		}                                                             \
		if (likely(results##_TOOK(r)))                                \
			record_acquire(c, FRAME, key, mode, NUMBER_OF(name),  \
				       took_flags(r, flags));                 \
		else                                                          \
			record_refused(c, FRAME, key, id, flags,              \
				       results##_ERROR(r));                   \
		context_leave(c);                                             \
		return r;                                                     \
	}

#define TRY(id, name, params, args, object, class, mode, results)        \
	EXPORT int name params                                           \
	{                                                                \
		const uint64_t key = object_key(object, OBJECT_##class); \
		struct context *c = context_enter(FRAME);                \
		int r;                                                   \
                                                                         \
		if (unlikely(!c))                                        \
			return PASS(name, args);                         \
		r = real.name args;                                      \
		if (results##_TOOK(r))                                   \
			record_acquire(c, FRAME, key, mode, id,          \
				       took_flags(r, CMSHIM_TRY));       \
		else                                                     \
			record_refused(c, FRAME, key, id, CMSHIM_TRY,    \
				       results##_ERROR(r));              \
		context_leave(c);                                        \
		return r;                                                \
	}

#define RELEASE(id, name, params, args, object, class, results)          \
	EXPORT int name params                                           \
	{                                                                \
		const uint64_t key = object_key(object, OBJECT_##class); \
		struct context *c = context_enter(FRAME);                \
		int r;                                                   \
                                                                         \
		if (unlikely(!c))                                        \
			return PASS(name, args);                         \
		record_release(c, FRAME, key);                           \
		context_leave(c);                                        \
		r = real.name args;                                      \
		if (unlikely(r) && (c = context_enter(FRAME))) {         \
			record_release_failed(c, FRAME, key,             \
					      results##_ERROR(r));       \
			context_leave(c);                                \
		}                                                        \
		return r;                                                \
	}

#define INIT(id, name, params, args, object, class)                    \
	EXPORT int name params                                         \
	{                                                              \
		struct context *c;                                     \
		int r = PASS(name, args);                              \
                                                                       \
		if (r == 0 && (c = context_enter(FRAME))) {            \
			record_new(c, FRAME,                           \
				   object_key(object, OBJECT_##class), \
				   CMSHIM_OP_INIT, id, 0);             \
			context_leave(c);                              \
		}                                                      \
		return r;                                              \
	}

#define DESTROY(id, name, params, args, object, class)                      \
	EXPORT int name params                                              \
	{                                                                   \
		struct context *c;                                          \
		int r = PASS(name, args);                                   \
                                                                            \
		if (r == 0 && (c = context_enter(FRAME))) {                 \
			record_numbered(c, FRAME,                           \
					object_key(object, OBJECT_##class), \
					CMSHIM_OP_DESTROY,                  \
					&(struct fields){ .mask = 0 });     \
			context_leave(c);                                   \
		}                                                           \
		return r;                                                   \
	}

#define CUSTOM(id, ret, name, params, op, class, version)

/* The other name has the attributes that the system's header gives the first;
   gcc asks for that, clang does not know how. */
#if __has_attribute(copy)
#define COPY(name) __attribute__((copy(name)))
#else
#define COPY(name)
#endif
#define ALIAS(other, name, params) \
	EXPORT COPY(name)          \
	int other params __attribute__((alias(#name)));

#include "calls.def"

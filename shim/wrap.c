/* SPDX-License-Identifier: MIT */
/*
 * The wrappers of the shapes of calls.def: whatever is locked and unlocked.
 */
#include "wrap.h"

#include <errno.h>

#include "given_up.h"
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

/* 0, made anew: gcc would keep it in a register over the real call, as it
   knows something that is 0 since before. */
HOT int success(void)
{
	int zero = 0;

	__asm__("" : "+r"(zero));
	return zero;
}

/* Rwlocks and spinlocks are never looked at. */
static bool looks_busy(const volatile void *object, enum object_class class)
{
	return class == OBJECT_MUTEX && kind_mutex_is_locked(object);
}

/* How an acquire that did not wait came out, where not just as success. */
struct outcome {
	uint64_t key;
	uint32_t call, flags;
	bool shared;
	bool took;
	int error;
};

static COLD void told_otherwise(struct context *c, const void *frame,
				const struct outcome *o)
{
	if (o->took)
		record_acquire(c, frame, o->key, o->shared, o->call, o->flags);
	else
		record_refused(c, frame, o->key, o->call, o->flags, o->error);
	context_leave(c);
}

/*
 * Of each, four functions: the wrapper, in which the lock is free, and what it
 * ends in where the lock was busy, where trying came out in another way, and
 * where it was not to be tried.  Whatever can be found out before is, so that
 * the lock is held for as short a time as can be.
 */
#define ACQUIRE(id, name, params, args, object, class, mode, try_name, flags_, \
		results, how)                                                  \
	static COLD int name##_waits(const void *frame, struct context *c,     \
				     const struct known *k, struct code stack, \
				     SPLICE params)                            \
	{                                                                      \
		struct record_wait wait;                                       \
		int r;                                                         \
                                                                               \
		record_request(                                                \
			c, k, stack,                                           \
			mode ? CMSHIM_OP_ACQUIRE_SHARED : CMSHIM_OP_ACQUIRE,   \
			(struct taken){ NUMBER_OF(name), flags_ }, &wait);     \
		context_leave(c);                                              \
		r = real.name args;                                            \
		record_waited(frame, &wait,                                    \
			      results##_TOOK(r) ? 0 : results##_ERROR(r),      \
			      took_flags(r, 0));                               \
		return r;                                                      \
	}                                                                      \
                                                                               \
	static COLD int name##_untracked(struct context *c, SPLICE params)     \
	{                                                                      \
		context_leave(c);                                              \
		return real.name args;                                         \
	}                                                                      \
                                                                               \
	static COLD int name##_otherwise(const void *frame, struct context *c, \
					 const volatile void *lock, int r)     \
	{                                                                      \
		bool took = results##_TOOK(r);                                 \
                                                                               \
		told_otherwise(                                                \
			c, frame,                                              \
			&(struct outcome){                                     \
				.key = object_key(lock, OBJECT_##class),       \
				.call = took ? NUMBER_OF(name) : (id),         \
				.flags = took_flags(r, flags_),                \
				.shared = mode,                                \
				.took = took,                                  \
				.error = results##_ERROR(r) });                \
		return r;                                                      \
	}                                                                      \
                                                                               \
	static COLD int name##_untried(const void *frame, SPLICE params)       \
	{                                                                      \
		const uint64_t key = object_key(object, OBJECT_##class);       \
		struct context *c =                                            \
			(how) == NOT_AT_ALL ? NULL : context_enter(frame);     \
		bool busy;                                                     \
		int r = 0;                                                     \
                                                                               \
		if (!c)                                                        \
			return PASS(name, args);                               \
		busy = looks_busy(object, OBJECT_##class);                     \
		context_leave(c);                                              \
		if (!busy)                                                     \
			r = real.name args;                                    \
		c = context_enter(frame);                                      \
		if (!c)                                                        \
			return busy ? real.name args : r;                      \
		return busy ? name##_waits(frame, c,                           \
					   record_known(c, key, frame, 0),     \
					   stack_code_of(c, frame),            \
					   SPLICE args)                        \
			    : name##_otherwise(frame, c, object, r);           \
	}                                                                      \
                                                                               \
	EXPORT int name params                                                 \
	{                                                                      \
		struct code stack;                                             \
		struct context *c;                                             \
		struct known *k;                                               \
		int r;                                                         \
                                                                               \
		if (unlikely((how) != TRY_FIRST))                              \
			return name##_untried(FRAME, SPLICE args);             \
		c = context_enter(FRAME);                                      \
		if (unlikely(!c))                                              \
			return PASS(name, args);                               \
		k = record_known(c, object_key(object, OBJECT_##class), FRAME, \
				 0);                                           \
		if (unlikely(!k))                                              \
			return name##_untracked(c, SPLICE args);               \
		stack = stack_code_of(c, FRAME);                               \
		r = real.try_name(object);                                     \
		if (unlikely(results##_BUSY(r)))                               \
			return name##_waits(FRAME, c, k, stack, SPLICE args);  \
		if (unlikely(r))                                               \
			return name##_otherwise(FRAME, c, object, r);          \
		context_leave_at(c,                                            \
				 record_took(c, k, stack, mode,                \
					     (struct taken){ NUMBER_OF(name),  \
							     flags_ }));       \
		return success();                                              \
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

/* The release that was recorded did not happen.  Returns what the call did. */
static COLD int released_not(const void *frame, const volatile void *lock,
			     enum object_class class, int result, int error)
{
	struct context *c = context_enter(frame);

	if (!c)
		return result;
	record_release_failed(c, frame, object_key(lock, class), error);
	context_leave(c);
	return result;
}

#define RELEASE(id, name, params, args, object, class, results)               \
	EXPORT int name params                                                \
	{                                                                     \
		struct context *c = context_enter(FRAME);                     \
		uint64_t key;                                                 \
		uint8_t *next;                                                \
		int r;                                                        \
                                                                              \
		if (unlikely(!c))                                             \
			return PASS(name, args);                              \
		key = object_key(object, OBJECT_##class);                     \
		next = record_release_top(c, key);                            \
		if (likely(next != NULL))                                     \
			context_leave_at(c, next);                            \
		else                                                          \
			record_release_and_leave(c, FRAME, key);              \
		r = real.name args;                                           \
		if (unlikely(r))                                              \
			return released_not(FRAME, object, OBJECT_##class, r, \
					    results##_ERROR(r));              \
		return r;                                                     \
	}

#define INIT(id, name, params, args, object, class)                         \
	EXPORT int name params                                              \
	{                                                                   \
		struct context *c;                                          \
		int r = PASS(name, args);                                   \
                                                                            \
		if (r == 0 && (c = context_enter(FRAME))) {                 \
			record_init(c, FRAME,                               \
				    object_key(object, OBJECT_##class), id, \
				    0);                                     \
			context_leave(c);                                   \
		}                                                           \
		return r;                                                   \
	}

void lock_destroyed(const void *frame, uint64_t key, bool was_free)
{
	struct context *c = context_enter(frame);
	struct fields f = { .mask = was_free ? CMSHIM_FLAGS : 0,
			    .flags = CMSHIM_UNSEEN };

	if (!c)
		return;
	given_up_lock(c, frame, key);
	record_numbered(c, frame, key, CMSHIM_OP_DESTROY, &f);
	context_leave(c);
}

#define DESTROY(id, name, params, args, object, class)                      \
	EXPORT int name params                                              \
	{                                                                   \
		struct context *c;                                          \
		const uint64_t key = object_key(object, OBJECT_##class);    \
		const bool was_free = kind_is_free(object, OBJECT_##class); \
		int r = PASS(name, args);                                   \
                                                                            \
		if (r == 0) {                                               \
			lock_destroyed(FRAME, key, was_free);               \
		} else if (r == EBUSY && (c = context_enter(FRAME))) {      \
			record_refused(c, FRAME, key, id, 0, r);            \
			context_leave(c);                                   \
		}                                                           \
		return r;                                                   \
	}

#define GIVES(id, ret, name, params, args, channel)
#define TAKES(id, ret, name, params, args, channel, got)
#define BLOCKING(id, ret, name, params, args, moves)
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

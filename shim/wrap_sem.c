/* SPDX-License-Identifier: MIT */
/*
 * Semaphores, barriers and once.
 */
#include "wrap.h"

#include <errno.h>

#include "block.h"
#include "lives.h"

static void plain(const void *frame, uint64_t key, enum cmshim_op op,
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

static void refused(const void *frame, uint64_t key, uint32_t call,
		    uint32_t flags)
{
	int error = errno;
	struct context *c = context_enter(frame);

	if (c) {
		record_refused(c, frame, key, call, flags, error);
		context_leave(c);
	}
	errno = error;
}

/*
 * Takes the semaphore if that can be done without waiting; else says in *wait
 * that a wait begins.  sem_wait() looks for a cancellation before it looks at
 * the semaphore, and so does sem_timedwait(), but not sem_clockwait() (glibc
 * 2.36): cancelled_first.  A failed try leaves no trace in errno.
 */
HOT bool took_at_once(const void *frame, sem_t *s, struct taken taken,
		      bool cancelled_first, struct record_wait *wait)
{
	const uint64_t key = object_key(s, OBJECT_SEMAPHORE);
	struct context *c;
	struct known *k;
	struct code stack;
	uint64_t number;
	uint8_t *next;
	int error = errno;

	if (cancelled_first)
		pthread_testcancel();
	c = context_enter(frame);
	if (unlikely(!c)) {
		wait->object = NULL;
		return false;
	}
	k = record_known(c, key, frame, 0);
	stack = stack_code_of(c, frame);
	if (likely(real.sem_trywait(s) == 0)) {
		next = c->events.pos;
		if (likely(k != NULL))
			next = record_plain(c, k, stack, CMSHIM_OP_TAKE, taken,
					    &number);
		context_leave_at(c, next);
		return true;
	}
	errno = error;
	record_request(c, k, stack, CMSHIM_OP_TAKE, taken, wait);
	context_leave(c);
	return false;
}

/* A wait that is cancelled is over. */
static void cancelled(void *data)
{
	record_waited(FRAME, data, ECANCELED, CMSHIM_CANCELLED);
}

static void after_wait(const void *frame, const struct record_wait *wait,
		       int result)
{
	int error = errno;

	record_waited(frame, wait, result ? error : 0, 0);
	errno = error;
}

#define SEM_WAIT(name, params, args, valid, number, flags, cancelled_first)   \
	static COLD int name##_waits(const void *frame,                       \
				     struct record_wait *wait, SPLICE params) \
	{                                                                     \
		struct _pthread_cleanup_buffer cleanup;                       \
		struct block block = { .since = { .ticks = 0 } };             \
		int r;                                                        \
                                                                              \
		if (block_matters())                                          \
			block = block_begin();                                \
		_pthread_cleanup_push(&cleanup, cancelled, wait);             \
		r = real.name args;                                           \
		_pthread_cleanup_pop(&cleanup, 0);                            \
		after_wait(frame, wait, r);                                   \
		block_end(frame, &block, CALL_##name);                        \
		return r;                                                     \
	}                                                                     \
                                                                              \
	EXPORT int name params                                                \
	{                                                                     \
		const struct taken taken = { number, flags };                 \
		struct record_wait wait;                                      \
                                                                              \
		if (!(valid) || !process_is_recording())                      \
			return PASS(name, args);                              \
		if (likely(took_at_once(FRAME, s, taken, cancelled_first,     \
					&wait)))                              \
			return 0;                                             \
		return name##_waits(FRAME, &wait, SPLICE args);               \
	}

SEM_WAIT(sem_wait, (sem_t * s), (s), true, NATURAL, 0, true)
SEM_WAIT(sem_timedwait, (sem_t * s, const struct timespec *t), (s, t),
	 valid_time(t), CALL_sem_timedwait, CMSHIM_TIMED, true)
SEM_WAIT(sem_clockwait, (sem_t * s, clockid_t clock, const struct timespec *t),
	 (s, clock, t), valid_clock(clock) && valid_time(t), CALL_sem_clockwait,
	 CMSHIM_TIMED, false)

EXPORT int sem_trywait(sem_t *s)
{
	const uint64_t key = object_key(s, OBJECT_SEMAPHORE);
	int r = PASS(sem_trywait, (s));

	if (r == 0)
		plain(FRAME, key, CMSHIM_OP_TAKE, CALL_sem_trywait, CMSHIM_TRY);
	else
		refused(FRAME, key, CALL_sem_trywait, CMSHIM_TRY);
	return r;
}

static COLD void posted_not(const void *frame, uint64_t key)
{
	const int error = errno;
	struct context *c = context_enter(frame);

	if (c) {
		record_release_failed(c, frame, key, error);
		context_leave(c);
	}
	errno = error;
}

EXPORT int sem_post(sem_t *s)
{
	const uint64_t key = object_key(s, OBJECT_SEMAPHORE);
	struct context *c = context_enter(FRAME);
	struct known *k;
	uint64_t number;
	uint8_t *next;
	int r;

	if (unlikely(!c))
		return PASS(sem_post, (s));
	k = record_known(c, key, FRAME, 0);
	next = c->events.pos;
	if (likely(k != NULL))
		next = record_plain(c, k, stack_code_of(c, FRAME),
				    CMSHIM_OP_POST,
				    (struct taken){ NATURAL, 0 }, &number);
	context_leave_at(c, next);
	r = real.sem_post(s);
	if (unlikely(r))
		posted_not(FRAME, key);
	return r;
}

EXPORT int sem_init(sem_t *s, int shared, unsigned value)
{
	int r = PASS(sem_init, (s, shared, value));
	struct context *c = r == 0 ? context_enter(FRAME) : NULL;

	if (c) {
		record_init(c, FRAME, object_key(s, OBJECT_SEMAPHORE),
			    CALL_sem_init, value);
		context_leave(c);
	}
	return r;
}

EXPORT int sem_destroy(sem_t *s)
{
	int r = PASS(sem_destroy, (s));

	if (r == 0)
		plain(FRAME, object_key(s, OBJECT_SEMAPHORE), CMSHIM_OP_DESTROY,
		      NATURAL, 0);
	return r;
}

EXPORT int pthread_barrier_init(pthread_barrier_t *b,
				const pthread_barrierattr_t *a, unsigned n)
{
	int r = PASS(pthread_barrier_init, (b, a, n));
	struct context *c = r == 0 ? context_enter(FRAME) : NULL;

	if (c) {
		record_init(c, FRAME, object_key(b, OBJECT_BARRIER),
			    CALL_pthread_barrier_init, n);
		context_leave(c);
	}
	return r;
}

/* Like pthread_cond_destroy(). */
EXPORT int pthread_barrier_destroy(pthread_barrier_t *b)
{
	const uint64_t key = object_key(b, OBJECT_BARRIER);
	int r;

	lives_settle(key);
	plain(FRAME, key, CMSHIM_OP_DESTROY, NATURAL, 0);
	r = PASS(pthread_barrier_destroy, (b));
	lives_settle(key);
	return r;
}

EXPORT int pthread_barrier_wait(pthread_barrier_t *b)
{
	const uint64_t key = object_key(b, OBJECT_BARRIER);
	int r;

	plain(FRAME, key, CMSHIM_OP_ARRIVE, NATURAL, 0);
	r = PASS(pthread_barrier_wait, (b));
	if (r == 0 || r == PTHREAD_BARRIER_SERIAL_THREAD)
		plain(FRAME, key, CMSHIM_OP_DEPART, NATURAL,
		      r ? CMSHIM_SERIAL : 0);
	return r;
}

/*
 * The init routine is run by way of one of ours, which says when it ended.
 * It takes no argument, so the object is handed over in the thread.  A routine
 * that throws leaves a pointer to a dead frame behind; it is copied, never
 * followed.
 */
static __thread struct once_run {
	struct once_run *outer;
	void (*routine)(void);
	uint64_t key;
} * once_now __attribute__((tls_model("initial-exec")));

static void run_once(void)
{
	struct once_run *run = once_now;

	run->routine();
	plain(FRAME, run->key, CMSHIM_OP_ONCE_RAN, NATURAL, 0);
}

EXPORT int pthread_once(pthread_once_t *o, void (*routine)(void))
{
	struct once_run run = { .outer = once_now,
				.routine = routine,
				.key = object_key(o, OBJECT_ONCE) };
	int r;

	once_now = &run;
	r = PASS(pthread_once, (o, run_once));
	once_now = run.outer;
	if (r == 0)
		plain(FRAME, run.key, CMSHIM_OP_ONCE_RETURN, NATURAL, 0);
	return r;
}

EXPORT void call_once(once_flag *o, void (*routine)(void))
{
	struct once_run run = { .outer = once_now,
				.routine = routine,
				.key = object_key(o, OBJECT_ONCE) };

	once_now = &run;
	if (REAL_IS_THERE(call_once))
		real.call_once(o, run_once);
	once_now = run.outer;
	plain(FRAME, run.key, CMSHIM_OP_ONCE_RETURN, CALL_call_once, 0);
}

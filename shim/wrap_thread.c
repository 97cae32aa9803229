/* SPDX-License-Identifier: MIT */
/*
 * Threads: made, joined, detached, named.
 */
#include "wrap.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>

#include "block.h"
#include "sys.h"
#include "thread.h"
#include "unwind.h"

/*
 * What a new thread is to do.  It passes from the creator to the thread in a
 * slot of ours: the program's malloc is not for us to call.
 */
struct start {
	_Atomic bool taken;
	bool is_c11;
	struct thread_facts facts; /* stack_high: its size, until it runs */
	char name[16];		   /* its creator's, which it begins with */
	union {
		void *(*posix)(void *);
		thrd_start_t c11;
	} routine;
	void *arg;
};

#define N_STARTS 1024 /* threads between their making and their first step */

static struct start starts[N_STARTS];

__thread struct thread_maker thread_maker;

/* A frame further in than the maker's may be one that the maker called; what
   a jump out of it left behind is seen to be none. */
static const void *maker_frame(const void *frame)
{
	return (uintptr_t)thread_maker.frame > (uintptr_t)frame
		       ? thread_maker.frame
		       : frame;
}

static uint64_t start_routine(const void *frame, void *(*routine)(void *))
{
	return maker_frame(frame) != frame ? thread_maker.start_routine
					   : (uint64_t)(uintptr_t)routine;
}

static struct start *take_slot(void)
{
	static _Atomic unsigned next;

	for (int i = 0; i < N_STARTS; i++) {
		struct start *s =
			&starts[atomic_fetch_add(&next, 1) % N_STARTS];
		bool free = false;

		if (atomic_compare_exchange_strong(&s->taken, &free, true))
			return s;
	}
	return NULL;
}

static void define_name(const void *frame, uint32_t thread, const char *name)
{
	struct context *c = thread ? context_enter(frame) : NULL;
	uint8_t payload[2 * VARINT_MAX_BYTES + 16];
	size_t n = strnlen(name, 15);
	uint8_t *p;

	if (!c)
		return;
	p = put_varint(payload, thread);
	p = put_varint(p, n);
	memcpy(p, name, n);
	context_define(c, CMSHIM_DEF_THREAD_NAME, payload,
		       (size_t)(p + n - payload));
	context_leave(c);
}

/* Empty if it is not to be asked for. */
static void kernel_name(char *name)
{
	name[0] = '\0';
	if (process_is_recording() && !process_is_fenced())
		sys_call3(SYS_prctl, PR_GET_NAME, name, 0);
}

/*
 * Who made a thread may name it at once, when nothing leads from the handle
 * to the thread's number yet.  Now it does, so a name that is not here yet
 * will find it.
 */
static void define_early_name(const struct start *mine)
{
	char name[sizeof(mine->name)];

	kernel_name(name);
	if (name[0] && mine->name[0] && strcmp(name, mine->name) != 0)
		define_name(FRAME, mine->facts.thread, name);
}

static void attach(struct start *slot, struct start *mine)
{
	uintptr_t top = (uintptr_t)pthread_self();

	*mine = *slot;
	atomic_store(&slot->taken, false);

	/* glibc keeps the thread's descriptor at the upper end of its stack,
	   also of one that the program provides. */
	mine->facts.stack_low = top - mine->facts.stack_high;
	mine->facts.stack_high = top;
	if (process_is_recording()) {
		context_attach(&mine->facts);
		define_early_name(mine);
	}
}

static void *run(void *slot)
{
	struct start mine;

	attach(slot, &mine);
	return mine.routine.posix(mine.arg);
}

static int run_c11(void *slot)
{
	struct start mine;

	attach(slot, &mine);
	return mine.routine.c11(mine.arg);
}

static uintptr_t stack_size(const pthread_attr_t *a)
{
	size_t size = 0;
	pthread_attr_t standard;

	if (a) {
		pthread_attr_getstacksize(a, &size);
	} else if (pthread_getattr_default_np(&standard) == 0) {
		pthread_attr_getstacksize(&standard, &size);
		pthread_attr_destroy(&standard);
	}
	return size;
}

/* The slot for a thread about to be made; NULL: it is made unseen. */
static struct start *announce(const void *frame, const pthread_attr_t *a,
			      uint32_t call, void *arg)
{
	struct context *c = context_enter(frame);
	struct start *s = c ? take_slot() : NULL;
	struct fields f = { .mask = CMSHIM_STACK | CMSHIM_ARG };

	if (s) {
		s->arg = arg;
		s->facts = (struct thread_facts){
			.thread = 1 + atomic_fetch_add(&process->threads, 1),
			.parent = c->thread,
		};
		f.stack = stack_of(c, maker_frame(frame));
		f.arg = s->facts.thread;
		record_optional(&f, call, 0);
		encode(c, CMSHIM_OP_CREATE, &f);
	}
	if (c)
		context_leave(c);
	if (s) {
		s->facts.stack_high = stack_size(a);
		kernel_name(s->name);
	}
	return s;
}

static void failed(const void *frame, struct start *s, int error)
{
	uint32_t thread = s->facts.thread;
	struct context *c;

	atomic_store(&s->taken, false);
	c = context_enter(frame);
	if (!c)
		return;
	encode(c, CMSHIM_OP_CREATE_FAILED,
	       &(struct fields){ .mask = CMSHIM_ARG | CMSHIM_CODE,
				 .arg = thread,
				 .code = (uint32_t)error });
	context_leave(c);
}

EXPORT int pthread_create(pthread_t *t, const pthread_attr_t *a,
			  void *(*routine)(void *), void *arg)
{
	struct start *s = announce(FRAME, a, NATURAL, arg);
	int r;

	if (!s)
		return PASS(pthread_create, (t, a, routine, arg));
	s->routine.posix = routine;
	s->facts.start_routine = start_routine(FRAME, routine);
	r = real.pthread_create(t, a, run, s);
	if (r)
		failed(FRAME, s, r);
	return r;
}

EXPORT int thrd_create(thrd_t *t, thrd_start_t routine, void *arg)
{
	struct start *s = announce(FRAME, NULL, CALL_thrd_create, arg);
	int r;

	if (!s)
		return PASS(thrd_create, (t, routine, arg));
	s->routine.c11 = routine;
	s->facts.start_routine = (uint64_t)(uintptr_t)routine;
	r = real.thrd_create(t, run_c11, s);
	if (r != thrd_success)
		failed(FRAME, s, r == thrd_nomem ? ENOMEM : EAGAIN);
	return r;
}

/* The handle names no thread any more when the call has returned. */
static void record_other(const void *frame, enum cmshim_op op, uint32_t call,
			 uint32_t thread)
{
	struct context *c = thread ? context_enter(frame) : NULL;
	struct fields f = { .mask = CMSHIM_ARG, .arg = thread };

	if (!c)
		return;
	if (op == CMSHIM_OP_JOIN) {
		f.mask |= CMSHIM_STACK;
		f.stack = stack_of(c, frame);
	}
	record_optional(&f, call, 0);
	encode(c, op, &f);
	context_leave(c);
}

#define JOIN(name, params, args, number)                            \
	EXPORT int name params                                      \
	{                                                           \
		uint32_t thread = thread_number(t);                 \
		struct block block = { .since = { .ticks = 0 } };   \
		int r;                                              \
                                                                    \
		if (block_matters())                                \
			block = block_begin();                      \
		r = PASS(name, args);                               \
		block_end(FRAME, &block, CALL_##name);              \
		if (r == 0)                                         \
			record_other(FRAME, CMSHIM_OP_JOIN, number, \
				     thread_joined(t, thread));     \
		return r;                                           \
	}

#define DETACH(name, params, args, number)                                     \
	EXPORT int name params                                                 \
	{                                                                      \
		uint32_t thread = thread_number(t);                            \
		int r = PASS(name, args);                                      \
                                                                               \
		if (r == 0)                                                    \
			record_other(FRAME, CMSHIM_OP_DETACH, number, thread); \
		return r;                                                      \
	}

JOIN(pthread_join, (pthread_t t, void **result), (t, result), NATURAL)
JOIN(pthread_tryjoin_np, (pthread_t t, void **result), (t, result),
     CALL_pthread_tryjoin_np)
JOIN(pthread_timedjoin_np,
     (pthread_t t, void **result, const struct timespec *until),
     (t, result, until), CALL_pthread_timedjoin_np)
JOIN(pthread_clockjoin_np,
     (pthread_t t, void **result, clockid_t clock,
      const struct timespec *until),
     (t, result, clock, until), CALL_pthread_clockjoin_np)
JOIN(thrd_join, (thrd_t t, int *result), (t, result), CALL_thrd_join)
DETACH(pthread_detach, (pthread_t t), (t), NATURAL)
DETACH(thrd_detach, (thrd_t t), (t), CALL_thrd_detach)

EXPORT int pthread_setname_np(pthread_t t, const char *name)
{
	int r = PASS(pthread_setname_np, (t, name));

	if (r == 0)
		define_name(FRAME, thread_number(t), name);
	return r;
}

/*
 * prctl(2) is declared with an ellipsis; called so, its arguments lie where
 * those of a function with five parameters do.
 *
 * After a seccomp filter a system call that we make may be the end of the
 * program: from then on no new chunk, nothing learnt about new code.  The
 * strict mode turns the time stamp counter off as well.
 */
EXPORT int wrapped_prctl(int what, unsigned long a, unsigned long b,
			 unsigned long c, unsigned long d) __asm__("prctl");

int wrapped_prctl(int what, unsigned long a, unsigned long b, unsigned long c,
		  unsigned long d)
{
	bool before = false;
	int r;

	if ((what == PR_SET_SECCOMP && a == SECCOMP_MODE_STRICT) ||
	    (what == PR_SET_TSC && a == PR_TSC_SIGSEGV))
		process_stop();
	/* Before the call: it may be for all threads. */
	if (what == PR_SET_SECCOMP)
		before = process_fence(true);
	r = PASS(prctl, (what, a, b, c, d));
	if (r != 0 && what == PR_SET_SECCOMP)
		process_fence(before);
	if (r == 0 && what == PR_SET_NAME)
		define_name(FRAME, thread_number(pthread_self()),
			    (const char *)a);
	return r;
}

/*
 * dlopen() cannot be wrapped: it looks for the file by the library of its
 * caller, which would be us.  Code that was loaded is found when it first
 * appears in a stack.  Code that was unloaded must be forgotten.
 */
EXPORT int dlclose(void *library)
{
	int r = PASS(dlclose, (library));
	struct context *c = context_enter(FRAME);

	if (c) {
		struct signals saved;

		if (!process_is_fenced()) {
			saved = context_own(c);
			unwind_forget(c);
			context_own_end(c, saved);
		}
		context_leave(c);
	}
	return r;
}

/* SPDX-License-Identifier: MIT */
#include "handler.h"

#include <string.h>

#include "bracket.h"
#include "record.h"
#include "wrap.h"

typedef void handler(int signo, siginfo_t *info, void *context);

#define N_STUBS 100

/* A function of the program for each stub, in the order they were bound; NULL:
   not bound yet.  Survives a fork, as the kernel's table does. */
static _Atomic uintptr_t bound[N_STUBS];

/* Signals that a thread of this process has sent, by number. */
static atomic_bool was_sent[_NSIG];

/* On an alternate stack with less room than this nothing is recorded. */
#define LEAST_ROOM 4096

static bool is_within(uintptr_t at, uintptr_t low, uintptr_t high)
{
	return at >= low && at < high;
}

/* Whether the program has left h, now that it is at that stack address. */
static bool was_left(const struct context *self, const struct open_handler *h,
		     uintptr_t at)
{
	uintptr_t frame = (uintptr_t)h->frame;

	if (is_within(at, h->low, h->high))
		return at > frame;
	if (!is_within(at, self->stack_low, self->stack_high))
		return false; /* a coroutine, or another alternate stack */
	return h->high || at > frame;
}

static void say(struct context *c, enum cmshim_op op, uint32_t signo)
{
	encode(c, op, &(struct fields){ .mask = CMSHIM_ARG, .arg = signo });
}

/* c: where to say it, of the thread whose context is self. */
static void close_left(struct context *self, struct context *c, uintptr_t at)
{
	while (self->n_handlers) {
		struct open_handler *h = &self->handlers[self->n_handlers - 1];

		if (!was_left(self, h, at))
			return;
		say(c, CMSHIM_OP_HANDLER_EXIT, h->signo);
		self->n_handlers--;
	}
}

void handler_tell(struct context *c, const void *frame)
{
	/* The thread's handlers, whichever of its contexts records. */
	close_left(context_self, c, (uintptr_t)frame);
	if (c->n_open)
		bracket_tell(c, frame);
}

/*
 * The stack that h will be on.  False: a coroutine's, of which nothing can be
 * said later, or one with little room.
 */
static bool find_stack(const struct context *self, struct open_handler *h,
		       const ucontext_t *interrupted)
{
	const stack_t *other = interrupted ? &interrupted->uc_stack : NULL;
	uintptr_t at = (uintptr_t)h->frame;

	if (other && !(other->ss_flags & SS_DISABLE) &&
	    at - (uintptr_t)other->ss_sp < other->ss_size) {
		h->low = (uintptr_t)other->ss_sp;
		h->high = h->low + other->ss_size;
		return at - h->low >= LEAST_ROOM;
	}
	return is_within(at, self->stack_low, self->stack_high);
}

static void say_received(struct context *c, const void *frame, int signo,
			 uint32_t call)
{
	struct fields f = { .mask = 0 };

	record_optional(&f, call, 0);
	record_numbered(c, frame,
			object_key((void *)(uintptr_t)signo, OBJECT_CHANNEL),
			CMSHIM_OP_HAPPENS_AFTER, &f);
}

/* A thread that recorded before, in this process: a handler alone is no reason
   to begin a trace. */
static bool is_recorded(const struct context *self)
{
	return self && self->magic && !self->nested && process_is_recording();
}

/* True if enter() is to have its end(). */
static COLD bool enter(const void *frame, int signo, const void *context)
{
	const ucontext_t *interrupted = frame_interrupted(context);
	struct open_handler h = { .frame = frame, .signo = (uint32_t)signo };
	struct context *self = context_self;
	struct context *c;
	bool ok;

	if (!is_recorded(self) || !find_stack(self, &h, interrupted))
		return false;
	c = context_enter_slowly_inside(frame);
	if (!c)
		return false;
	/* Where the signal came, not where its handler is, tells what was
	   left: an alternate stack may lie anywhere. */
	close_left(self, c,
		   interrupted ? frame_interrupted_sp(interrupted)
			       : (uintptr_t)frame);
	if (c->n_open)
		bracket_tell(c, frame);
	ok = self->n_handlers < MAX_HANDLERS;
	if (ok) {
		self->handlers[self->n_handlers++] = h;
		say(c, CMSHIM_OP_HANDLER_ENTER, h.signo);
		if (atomic_load_explicit(&was_sent[signo],
					 memory_order_acquire))
			say_received(c, frame, signo, CALL_sigaction);
	}
	context_leave(c);
	return ok;
}

/* Handlers that the ended one called, and that were left, end with it. */
static COLD void end(const void *frame)
{
	struct context *self = context_self;
	struct context *c;
	uint32_t mine;

	/* Not in a child that the handler made. */
	if (!is_recorded(self))
		return;
	mine = self->n_handlers;
	while (mine > 0 && self->handlers[mine - 1].frame != frame)
		mine--;
	if (!mine)
		return;
	c = context_enter_inside(frame);
	while (self->n_handlers >= mine) {
		uint32_t signo = self->handlers[--self->n_handlers].signo;

		if (c)
			say(c, CMSHIM_OP_HANDLER_EXIT, signo);
	}
	if (c)
		context_leave(c);
}

/* The handler may look at errno, which nothing here touches. */
static inline __attribute__((always_inline)) void pass_on(unsigned n, int signo,
							  siginfo_t *info,
							  void *context,
							  const void *frame)
{
	handler *function = (handler *)atomic_load_explicit(
		&bound[n], memory_order_relaxed);
	bool entered = enter(frame, signo, context);

	function(signo, info, context);
	if (entered)
		end(frame);
}

/* The arguments are passed on as they came, whether there are three or one. */
/* clang-format off */
#define STUB(n)                                                         \
	static void stub_##n(int signo, siginfo_t *info, void *context) \
	{                                                               \
		pass_on(1##n - 100, signo, info, context, FRAME);       \
	}
#define NAME(n) stub_##n,
#define TEN(X, n)                                                       \
	X(n##0) X(n##1) X(n##2) X(n##3) X(n##4)                         \
	X(n##5) X(n##6) X(n##7) X(n##8) X(n##9)
#define HUNDRED(X)                                                      \
	TEN(X, 0) TEN(X, 1) TEN(X, 2) TEN(X, 3) TEN(X, 4)               \
	TEN(X, 5) TEN(X, 6) TEN(X, 7) TEN(X, 8) TEN(X, 9)

HUNDRED(STUB)

static handler *const stubs[N_STUBS] = { HUNDRED(NAME) };
/* clang-format on */

static bool is_special(sighandler_t function)
{
	return function == SIG_DFL || function == SIG_IGN ||
	       function == SIG_ERR || function == SIG_HOLD;
}

sighandler_t handler_stub(sighandler_t function)
{
	const uintptr_t wanted = (uintptr_t)function;

	if (is_special(function) || handler_function(function) != function)
		return function;
	for (int i = 0; i < N_STUBS; i++) {
		uintptr_t there = atomic_load(&bound[i]);

		if (!there &&
		    atomic_compare_exchange_strong(&bound[i], &there, wanted))
			there = wanted;
		if (there == wanted)
			return (sighandler_t)(uintptr_t)stubs[i];
	}
	return function;
}

sighandler_t handler_function(sighandler_t installed)
{
	for (int i = 0; i < N_STUBS; i++)
		if ((uintptr_t)stubs[i] == (uintptr_t)installed)
			return (sighandler_t)atomic_load(&bound[i]);
	return installed;
}

static void define_channel(struct context *c, const void *frame, int signo)
{
	static const char text[] = "signal ";
	uint64_t key = object_key((void *)(uintptr_t)signo, OBJECT_CHANNEL);
	uint8_t payload[2 * VARINT_MAX_BYTES + sizeof(text) + 2];
	uint8_t *p = put_varint(payload, record_id(c, frame, key));
	size_t digits = signo < 10 ? 1 : 2;

	p = put_varint(p, sizeof(text) - 1 + digits);
	memcpy(p, text, sizeof(text) - 1);
	p += sizeof(text) - 1;
	if (digits == 2)
		*p++ = (uint8_t)('0' + signo / 10);
	*p++ = (uint8_t)('0' + signo % 10);
	context_define(c, CMSHIM_DEF_NAME, payload, (size_t)(p - payload));
}

void handler_sends(const void *frame, int signo, uint32_t call)
{
	struct context *c;
	struct fields f = { .mask = 0 };

	if (signo <= 0 || signo >= _NSIG || !is_recorded(context_self))
		return;
	c = context_enter(frame);
	if (!c)
		return;
	if (!atomic_exchange(&was_sent[signo], true))
		define_channel(c, frame, signo);
	record_optional(&f, call, 0);
	record_numbered(c, frame,
			object_key((void *)(uintptr_t)signo, OBJECT_CHANNEL),
			CMSHIM_OP_HAPPENS_BEFORE, &f);
	context_leave(c);
}

void handler_received(const void *frame, int signo, uint32_t call)
{
	struct context *c;

	if (signo <= 0 || signo >= _NSIG || !atomic_load(&was_sent[signo]))
		return;
	c = context_enter(frame);
	if (!c)
		return;
	say_received(c, frame, signo, call);
	context_leave(c);
}

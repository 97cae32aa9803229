/* SPDX-License-Identifier: MIT */
#include "context.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "bracket.h"
#include "channel.h"
#include "encode.h"
#include "given_up.h"
#include "handler.h"
#include "lives.h"
#include "module.h"
#include "own_stack.h"
#include "owner.h"
#include "process.h"
#include "reclaim.h"
#include "room.h"
#include "stack.h"
#include "sys.h"
#include "thread.h"

__thread struct context *context_self;

#define MAGIC 0x636d7368u

static uint64_t block_signals(void)
{
	const uint64_t all = UINT64_MAX;
	uint64_t mask = 0;

	sys_call4(SYS_rt_sigprocmask, 0 /* SIG_BLOCK */, &all, &mask, 8);
	return mask;
}

static void restore_signals(uint64_t mask)
{
	sys_call4(SYS_rt_sigprocmask, 2 /* SIG_SETMASK */, &mask, NULL, 8);
}

struct signals context_own(struct context *c)
{
	struct signals saved = { .mask = block_signals() };

	saved.busy = atomic_load_explicit(&c->busy, memory_order_relaxed);
	atomic_store_explicit(&c->busy, BUSY_OWN, memory_order_relaxed);
	/* Our calls are made by the thread, whichever context this is. */
	if (c->nested)
		context_self = c;
	atomic_signal_fence(memory_order_seq_cst);
	return saved;
}

void context_own_end(struct context *c, struct signals saved)
{
	atomic_signal_fence(memory_order_seq_cst);
	if (c->nested)
		context_self = c->outer;
	atomic_store_explicit(&c->busy, saved.busy, memory_order_relaxed);
	restore_signals(saved.mask);
}

static void begin_sample(struct context *c, uint32_t random)
{
	c->random = random | 1; /* of 0 come only zeros */
	c->until_sample = encode_until_sample(c, options.hold_period);
}

/* A context whose thread is gone, or NULL; it is then the caller's. */
static struct context *take_over(void)
{
	long pid = sys_call3(SYS_getpid, 0, 0, 0);
	struct context *c = atomic_load(&process->contexts);

	for (; c; c = c->next) {
		bool yes = true;

		if (!atomic_load_explicit(&c->exited, memory_order_relaxed) ||
		    !atomic_compare_exchange_strong(&c->exited, &yes, false))
			continue;
		/* No such process.  If the number was given to another thread
		   meanwhile, this context waits for that one's end too. */
		if (sys_call3(SYS_tgkill, pid, c->kernel_id, 0) == -3)
			return c;
		atomic_store(&c->exited, true);
	}
	return NULL;
}

static struct context *context_new(void)
{
	struct context *c = sys_memory(sizeof(*c), 1);

	if (!c)
		return NULL;
	c->stream = 1 + atomic_fetch_add(&process->streams, 1);
	c->magic = MAGIC;
	c->held_room = FEW_HELD;
	return c;
}

static void publish(struct context *c)
{
	c->next = atomic_load(&process->contexts);
	while (!atomic_compare_exchange_weak(&process->contexts, &c->next, c))
		;
}

static void define_thread(struct context *c, const struct thread_facts *facts)
{
	uint8_t payload[6 * VARINT_MAX_BYTES];
	uint8_t *p = put_varint(payload, c->thread);

	p = put_varint(p, c->kernel_id);
	p = put_varint(p, c->parent);
	p = put_varint(p, facts->start_routine);
	p = put_varint(p, atomic_load(&module_epoch));
	p = put_varint(p, (uint64_t)pthread_self());
	context_define(c, CMSHIM_DEF_THREAD, payload, (size_t)(p - payload));
}

/* Makes c, fresh or handed on, the calling thread's. */
static void serve(struct context *c, const struct thread_facts *facts)
{
	c->thread = facts->thread ? facts->thread
				  : 1 + atomic_fetch_add(&process->threads, 1);
	c->parent = facts->parent;
	c->kernel_id = (uint32_t)sys_call3(SYS_gettid, 0, 0, 0);
	c->stack_low = own_stack.low;
	c->stack_high = own_stack.high;
	c->stack_is_exact = own_stack.is_exact;
	lives_stack_begins(c);
	c->n_held = 0;
	c->held_room = FEW_HELD;
	c->n_watched = 0;
	begin_sample(c, c->thread * 2654435761u);
	thread_set_number(pthread_self(), c->thread);
	thread_watch_end();
	stack_attach(c);
	define_thread(c, facts);

	if (!room_rest(c) && !room_new(c, 0)) {
		/* What is left is the last thread's; ask again. */
		c->events.limit = c->events.pos;
		return;
	}
	encode(c, CMSHIM_OP_START,
	       &(struct fields){ .mask = CMSHIM_TIME |
					 (c->parent ? CMSHIM_ARG : 0),
				 .arg = c->parent });
}

void context_attach(const struct thread_facts *facts)
{
	struct context *c;
	struct signals saved;
	uint64_t mask;
	bool fresh;

	/* All of it takes system calls. */
	if (process_is_fenced() || process_is_borrowed())
		return;
	/* From here on: a handler that came first would attach the thread a
	   second time. */
	mask = block_signals();
	if (context_self) {
		restore_signals(mask);
		return;
	}
	own_stack_learn(facts->stack_low, facts->stack_high);
	c = take_over();
	fresh = !c;
	if (fresh)
		c = context_new();
	if (c) {
		saved = context_own(c);
		saved.busy = 0;
		context_self = c;
		serve(c, facts);
		if (fresh)
			publish(c);
		context_own_end(c, saved);
	}
	restore_signals(mask);
}

/* In a forked child, whose only thread finds its context zeroed. */
static bool begin_child(struct context *c)
{
	static const struct thread_facts first = { .thread = 0 };
	struct signals saved;

	if (!process_begin())
		return false;
	saved = context_own(c);
	/* Unless a handler has done it since. */
	if (!c->magic) {
		saved.busy = 0;
		c->stream = 1 + atomic_fetch_add(&process->streams, 1);
		c->magic = MAGIC;
		serve(c, &first);
		publish(c);
		process_describe(c);
	}
	context_own_end(c, saved);
	return true;
}

/*
 * Whether what holds c was left by a jump: a frame on the thread's stack, and
 * we are as far up on the same stack, or further.  On an alternate signal
 * stack nothing can be said, and it is taken for interrupted.
 */
static bool was_left(const struct context *c, uintptr_t busy, const void *frame)
{
	uintptr_t here = (uintptr_t)frame;

	return here >= busy && here < c->stack_high && busy >= c->stack_low &&
	       !own_stack_is_other(frame);
}

/* What is beyond pos is no record; what is left of it would end the chunk or
   be taken for one. */
static void wipe(struct writer *w)
{
	size_t n = w->pos ? (size_t)(w->end - w->pos) : 0;

	if (n)
		memset(w->pos, 0, n < 4096 ? n : 4096);
}

/* Makes usable again what was left in the middle of a change. */
static void recover(struct context *c)
{
	wipe(&c->events);
	wipe(&c->defs);
	/* They may tell of a record that is no more. */
	c->again = 0;
	c->again_end = NULL;
	stack_recover(c);
	atomic_store(&c->busy, 0);
	if (c->inner && atomic_load(&c->inner->busy))
		recover(c->inner);
}

/* The context for a signal handler that interrupted c, or NULL. */
static struct context *inner_of(struct context *c)
{
	struct context *inner = c->inner;

	/* To make one, or hand it on, takes system calls. */
	if (c->nested ||
	    (process_is_fenced() && (!inner || inner->thread != c->thread)))
		return NULL;
	if (!inner) {
		inner = context_new();
		if (!inner)
			return NULL;
		inner->nested = true;
		inner->outer = c;
		inner->memo = NULL;
		stack_attach(inner);
		c->inner = inner;
	}
	if (inner->thread != c->thread) {
		struct signals saved = context_own(inner);

		inner->thread = c->thread;
		inner->kernel_id = c->kernel_id;
		inner->stack_low = c->stack_low;
		inner->stack_high = c->stack_high;
		inner->n_held = inner->n_watched = 0;
		begin_sample(inner, c->random);
		if (!room_rest(inner))
			inner->events.pos = inner->events.limit; /* a new one */
		context_own_end(inner, saved);
	}
	return inner;
}

/* Says where in the outer context's chunk the coming events belong. */
static void anchor(struct context *inner)
{
	const struct context *c = inner->outer;
	const uint8_t again = encode_last_again(c);

	if (inner->anchor == c->events.pos && inner->anchor_again == again)
		return;
	inner->anchor = c->events.pos;
	inner->anchor_again = again;
	encode(inner, CMSHIM_OP_NESTED,
	       &(struct fields){
		       .mask = CMSHIM_ARG | CMSHIM_KEY | CMSHIM_END |
			       (again ? CMSHIM_CODE : 0),
		       .arg = c->events.chunk->index,
		       .key = c->stream,
		       .code = again - CMSHIM_AGAIN + 1,
		       .end = (uint64_t)(c->events.pos - !!again -
					 (uint8_t *)c->events.chunk),
	       });
}

static COLD struct context *enter_and_look(const void *frame)
{
	struct context *c = context_enter_slowly_inside(frame);

	if (c && (uintptr_t)frame - c->stack_low > atomic_load(&c->stack_watch))
		lives_frames_gone(c, frame);
	if (c && (c->n_watched | context_self->n_watched))
		handler_tell(c, frame);
	if (c && c->is_crowded)
		given_up_crowd(c, frame);
	return c;
}

/* Mostly of a coroutine, where it was before. */
struct context *context_enter_slowly(const void *frame)
{
	struct context *c = context_self;

	if (!c || !context_is_free(c) || !owner_was_here(c, frame) ||
	    c->events.pos >= c->events.limit)
		return enter_and_look(frame);
	return context_take(c, frame);
}

struct context *context_enter_slowly_inside(const void *frame)
{
	static const struct thread_facts unknown = { .thread = 0 };
	struct context *c = context_self;
	uintptr_t busy;

	if (!c) {
		bool begins = !process_is_recording();

		if (begins && !process_resumes())
			return NULL;
		context_attach(&unknown);
		c = context_self;
		if (!c)
			return NULL;
		channel_found_thread(frame);
		if (begins) {
			struct signals saved = context_own(c);

			process_describe(c);
			context_own_end(c, saved);
		}
	} else if (!c->magic && !begin_child(c)) {
		return NULL;
	}
	if (!process_is_recording())
		return NULL;
	if (unlikely(!owner_is_here(c, frame))) {
		process_lost(CMSHIM_LOST_EVENTS);
		return NULL;
	}

	busy = atomic_load_explicit(&c->busy, memory_order_relaxed);
	if (busy == BUSY_OWN)
		return NULL;
	if (unlikely(c->is_due) && !busy)
		reclaim(c);
	if (busy && was_left(c, busy, frame)) {
		recover(c);
	} else if (busy) {
		struct context *inner = inner_of(c);

		if (!inner || atomic_load(&inner->busy)) {
			process_lost(CMSHIM_LOST_NESTED);
			return NULL;
		}
		c = inner;
	}
	if (c->events.pos + bracket_untold_bytes(c) >= c->events.limit &&
	    !room_more(c) && c->events.pos >= c->events.limit) {
		if (c->events.chunk)
			__atomic_fetch_add(&c->events.chunk->lost, 1,
					   __ATOMIC_RELAXED);
		else
			process_lost(CMSHIM_LOST_EVENTS);
		return NULL;
	}
	atomic_store_explicit(&c->busy, (uintptr_t)frame, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	if (c->nested)
		anchor(c);
	return c;
}

void context_exits(void)
{
	struct context *c = context_enter(__builtin_frame_address(0));

	if (!c)
		return;
	encode(c, CMSHIM_OP_EXIT, &(struct fields){ .mask = CMSHIM_TIME });
	context_leave(c);
	if (c->nested)
		return;
	lives_stack_ends(c);
	atomic_store(&c->exited, true);
}

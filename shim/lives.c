/* SPDX-License-Identifier: MIT */
#include "lives.h"

#include "given_up.h"
#include "own_stack.h"
#include "record.h"
#include "sys.h"

/* Condition variables and barriers may be given back while those that they
   woke are on their way out and will record that: they live on. */
static bool is_being_left(const struct object *o)
{
	enum object_class class = object_class(o->key);

	return class != OBJECT_MUTEX && class != OBJECT_RWLOCK &&
	       class != OBJECT_SPINLOCK && class != OBJECT_GMUTEX &&
	       class != OBJECT_MAP && atomic_load(&o->waiting);
}

/*
 * Whether its end is known already: it was destroyed.  Or is none: another
 * process may have it still, at an address of its own.
 */
static bool ends_silently(struct object *o)
{
	return atomic_load(&o->destroyed) == object_last(o) ||
	       atomic_load(&o->kind) & CMSHIM_PROCESS_SHARED;
}

/* Whether it can only be used again when it was made again, which is seen:
   what is done with it until then is done with what was destroyed. */
static bool is_destroyed_map(struct object *o)
{
	return object_class(o->key) == OBJECT_MAP && object_last(o) &&
	       atomic_load(&o->destroyed) == object_last(o);
}

static void end_freed(struct object *o, void *frame)
{
	uint32_t id = object_id(o);
	struct context *c;

	if (!id || is_being_left(o) || is_destroyed_map(o))
		return;
	c = context_enter(frame);
	if (!c)
		return;
	given_up_lock(c, frame, o->key);
	if (!ends_silently(o))
		record_freed(c, frame, o->key);
	object_end(o, id);
	context_leave(c);
}

void lives_settle(uint64_t key)
{
	enum object_class class = object_class(key);
	_Atomic uint32_t *guard;
	const struct object *o;

	if ((class != OBJECT_BARRIER && class != OBJECT_CONDITION &&
	     class != OBJECT_GCOND) ||
	    !process_is_recording())
		return;
	guard = object_guard();
	o = object_look_up(key);
	/* Most are there after the first step; one may be preempted. */
	for (int i = 0; o && i < 1000 && atomic_load(&o->waiting); i++) {
		if (i % 50 == 49 && !process_is_fenced())
			sys_call3(SYS_sched_yield, 0, 0, 0);
#if defined(__x86_64__)
		__builtin_ia32_pause();
#endif
	}
	object_unguard(guard);
}

void lives_freed(const void *frame, uintptr_t from, uintptr_t end)
{
	object_each(from, end, end_freed, (void *)(uintptr_t)frame);
}

size_t lives_block_bytes(void *p)
{
	/* As malloc_usable_size() does, with its own overhead. */
	if (likely(real_malloc.is_libc))
		return (((const size_t *)p)[-1] & ~(size_t)7) - 8;
	return real_malloc.bytes ? real_malloc.bytes(p) : 0;
}

void lives_block_freed(const void *frame, void *p)
{
	uintptr_t from = (uintptr_t)p;
	size_t bytes = p ? lives_block_bytes(p) : 0;

	/* Without a size: what begins where the block does. */
	if (!bytes)
		bytes = 1;
	if (unlikely(bytes > OBJECT_NEAR_BYTES || object_is_in(p, bytes)))
		lives_freed(frame, from, from + bytes);
}

void lives_move_begins(const void *frame, struct lives_move *move,
		       uintptr_t from, size_t bytes, size_t new_bytes)
{
	move->from = from;
	move->end = from + bytes;
	move->newest = process ? atomic_load(&process->objects) : 0;
	if (new_bytes < bytes)
		lives_freed(frame, from + new_bytes, move->end);
}

static void end_old(struct object *o, void *newest)
{
	uint32_t id = object_id(o);

	if (id && id <= *(const uint32_t *)newest && !is_being_left(o))
		object_end(o, id);
}

void lives_moved(const struct lives_move *move, const void *to)
{
	uint32_t newest = move->newest;

	if ((uintptr_t)to != move->from)
		object_each(move->from, move->end, end_old, &newest);
}

void lives_gone(uintptr_t from, uintptr_t end)
{
	uint32_t newest = UINT32_MAX;

	object_each(from, end, end_old, &newest);
}

/* ---- stacks ---- */

/*
 * A bit for each 64 KiB in which a stack of a thread that we saw start is or
 * was; of those 4 GiB apart it is the same.  Most objects are on none.
 */
#define STACK_SHIFT 16
#define STACK_BITS  16

static _Atomic uint64_t stack_bits[(1u << STACK_BITS) / 64];

static size_t stack_bit(uintptr_t address)
{
	return (address >> STACK_SHIFT) & ((1u << STACK_BITS) - 1);
}

/*
 * The part of the thread's stack in which frames and their objects are: a
 * page is left out at the lower end, which is computed from the stack's size
 * and so a little too low.
 */
static bool is_on_stack(const struct context *c, uintptr_t address)
{
	return c->stack_is_exact && address >= c->stack_low + 4096 &&
	       address < c->stack_high;
}

/* No object is on its stack. */
static uintptr_t watch_none(struct context *c)
{
	return atomic_exchange(&c->stack_watch, c->stack_high - c->stack_low);
}

static void watch(struct context *c, uintptr_t address)
{
	uintptr_t before = atomic_load(&c->stack_watch);
	uintptr_t at = address - c->stack_low;

	while (at < before &&
	       !atomic_compare_exchange_weak(&c->stack_watch, &before, at))
		;
}

void lives_began(struct context *c, uintptr_t address)
{
	size_t bit = stack_bit(address);

	if (!(atomic_load_explicit(&stack_bits[bit / 64],
				   memory_order_relaxed) >>
		      bit % 64 &
	      1))
		return;
	if (c->nested)
		c = c->outer;
	if (is_on_stack(c, address)) {
		watch(c, address);
		return;
	}
	for (c = atomic_load(&process->contexts); c; c = c->next)
		if (is_on_stack(c, address) && !atomic_load(&c->exited))
			watch(c, address);
}

static void end_unless_held(struct object *o, void *thread)
{
	const struct context *c = thread;

	for (uint32_t i = 1; i <= c->n_held; i++)
		if (c->held[i].key == o->key)
			return;
	if (!is_being_left(o))
		object_end(o, atomic_load(&o->id));
}

void lives_frames_gone(struct context *c, const void *frame)
{
	uintptr_t here = (uintptr_t)frame;
	uintptr_t from;

	if (c->nested || !is_on_stack(c, here) || own_stack_is_other(frame))
		return;
	from = c->stack_low + watch_none(c);
	object_each(from, here, end_unless_held, c);
	watch(c, object_lowest(here, c->stack_high));
}

void lives_stack_begins(struct context *c)
{
	uintptr_t at = c->stack_low & ~(((uintptr_t)1 << STACK_SHIFT) - 1);

	watch_none(c);
	for (; c->stack_is_exact && at < c->stack_high;
	     at += (uintptr_t)1 << STACK_SHIFT) {
		size_t bit = stack_bit(at);

		atomic_fetch_or(&stack_bits[bit / 64], (uint64_t)1 << bit % 64);
	}
}

void lives_stack_ends(struct context *c)
{
	/* The first thread's stays: others may go on to use what is there. */
	if (c->thread != 1 && c->stack_is_exact)
		lives_gone(c->stack_low + 4096, c->stack_high);
	watch_none(c);
}

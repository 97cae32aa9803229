/* SPDX-License-Identifier: MIT */
#include "thread.h"

#include <limits.h>

#include "context.h"
#include "given_up.h"
#include "process.h"
#include "record.h"
#include "unwind.h"

static pthread_key_t end_key;
static bool has_end_key;

/*
 * Destructors of thread-specific data run in up to
 * PTHREAD_DESTRUCTOR_ITERATIONS rounds, as long as one sets its data again.
 * Ours does, to come last: the program's may still lock.
 */
static void at_end(void *round)
{
	uintptr_t n = (uintptr_t)round;

	if (n < PTHREAD_DESTRUCTOR_ITERATIONS) {
		pthread_setspecific(end_key, (void *)(n + 1));
	} else {
		if (context_self)
			thread_ends(pthread_self(), context_self->thread);
		given_up_end(__builtin_frame_address(0));
		context_exits();
	}
}

static void at_fork_in_child(void)
{
	process_forked();
	unwind_unlock();
}

void thread_begin(void)
{
	/* The first keys need no memory when they are set, so that this can
	   be done anywhere; we come first, and get one. */
	has_end_key = pthread_key_create(&end_key, at_end) == 0 && end_key < 32;
	pthread_atfork(unwind_lock, unwind_unlock, at_fork_in_child);
}

void thread_watch_end(void)
{
	if (has_end_key)
		pthread_setspecific(end_key, (void *)1);
}

/*
 * Handles are addresses of thread descriptors, which come again; the table of
 * objects keeps their numbers.
 */

/* The number is of a thread that has ended, or is about to. */
#define ENDED ((uint64_t)1 << 32)

/* Lines of handles stay. */
static _Atomic uint64_t *number_of(pthread_t handle)
{
	const uint64_t key =
		object_key((const void *)handle, OBJECT_THREAD_HANDLE);
	_Atomic uint32_t *guard;
	struct object *o;

	if (!process_is_recording())
		return NULL;
	guard = object_guard();
	o = object_find(key);
	object_unguard(guard);
	return o ? &o->number : NULL;
}

void thread_set_number(pthread_t handle, uint32_t thread)
{
	_Atomic uint64_t *n = number_of(handle);

	if (n)
		atomic_store(n, thread);
}

uint32_t thread_number(pthread_t handle)
{
	_Atomic uint64_t *n = number_of(handle);
	uint64_t now = n ? atomic_load(n) : 0;

	return now & ENDED ? 0 : (uint32_t)now;
}

void thread_ends(pthread_t handle, uint32_t thread)
{
	_Atomic uint64_t *n = number_of(handle);
	uint64_t now = thread;

	if (n)
		atomic_compare_exchange_strong(n, &now, thread | ENDED);
}

uint32_t thread_joined(pthread_t handle, uint32_t before)
{
	_Atomic uint64_t *n = number_of(handle);
	uint64_t now = n ? atomic_load(n) : 0;
	uint32_t thread = before ? before : (uint32_t)now;

	if (n && (uint32_t)now == thread)
		atomic_compare_exchange_strong(n, &now, 0);
	return thread;
}

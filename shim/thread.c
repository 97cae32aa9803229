/* SPDX-License-Identifier: MIT */
#include "thread.h"

#include <limits.h>

#include "context.h"
#include "process.h"
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

	if (n < PTHREAD_DESTRUCTOR_ITERATIONS)
		pthread_setspecific(end_key, (void *)(n + 1));
	else
		context_exits();
}

void thread_begin(void)
{
	/* The first keys need no memory when they are set, so that this can
	   be done anywhere; we come first, and get one. */
	has_end_key = pthread_key_create(&end_key, at_end) == 0 && end_key < 32;
	pthread_atfork(unwind_lock, unwind_unlock, unwind_unlock);
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

void thread_set_number(pthread_t handle, uint32_t thread)
{
	struct object *o =
		process_is_recording()
			? object_find(object_key((const void *)handle,
						 OBJECT_THREAD_HANDLE))
			: NULL;

	if (o)
		atomic_store(&o->number, thread);
}

uint32_t thread_number(pthread_t handle)
{
	struct object *o =
		process_is_recording()
			? object_find(object_key((const void *)handle,
						 OBJECT_THREAD_HANDLE))
			: NULL;

	return o ? (uint32_t)atomic_load(&o->number) : 0;
}

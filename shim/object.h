/* SPDX-License-Identifier: MIT */
/*
 * Objects: what the recorder keeps for each lock, condition, map ... of the
 * process.  One line of 64 bytes an object, shared by all threads, in private
 * memory: a forked child finds an empty table.
 *
 * Objects are never taken out.  One that is destroyed, or whose memory comes
 * again as another, gets a new number (a new generation) in the same line.
 */
#ifndef SHIM_OBJECT_H
#define SHIM_OBJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "cmshim/trace.h"

/*
 * Classes of objects here: those of the trace, and some that are one of those
 * in the trace (object_trace_class) but have a layout of their own.
 */
enum object_class {
	OBJECT_MUTEX = CMSHIM_MUTEX,
	OBJECT_RWLOCK = CMSHIM_RWLOCK,
	OBJECT_CONDITION = CMSHIM_CONDITION,
	OBJECT_SEMAPHORE = CMSHIM_SEMAPHORE,
	OBJECT_BARRIER = CMSHIM_BARRIER,
	OBJECT_SPINLOCK = CMSHIM_SPINLOCK,
	OBJECT_ONCE = CMSHIM_ONCE,
	OBJECT_MAP = CMSHIM_MAP,
	OBJECT_FUTEX = CMSHIM_FUTEX,
	OBJECT_CHANNEL = CMSHIM_CHANNEL,
	OBJECT_GMUTEX = 12, /* GLib's, made of a futex */
	OBJECT_GCOND = 13,
	OBJECT_THREAD_HANDLE = 15, /* not in traces */
};

static inline enum cmshim_class object_trace_class(enum object_class class)
{
	return class == OBJECT_GMUTEX  ? CMSHIM_MUTEX
	       : class == OBJECT_GCOND ? CMSHIM_CONDITION
				       : (enum cmshim_class) class;
}

/* Address and class in one number; 0 is no object. */
static inline uint64_t object_key(const volatile void *address,
				  enum object_class class)
{
	return (uint64_t)(uintptr_t)address << 4 | class;
}

static inline uint64_t object_address(uint64_t key)
{
	return key >> 4;
}

static inline enum object_class object_class(uint64_t key)
{
	return (enum object_class)(key & 15);
}

struct object {
	uint64_t key;
	/*
	 * The last number given.  What is done while the object is held
	 * exclusively adds to it plainly: the lock itself keeps others out.
	 * Everything else adds atomically.
	 */
	_Atomic uint64_t number;
	/*
	 * Maps only.  Writes that have entered, above 16 bits that say how
	 * many are inside now: starts << 16 | active.
	 */
	_Atomic uint64_t vword;
	/* In definitions.  Given out when it is defined: 0 until then. */
	_Atomic uint32_t id;
	_Atomic uint32_t waiting; /* threads that wait for it */
	_Atomic uint32_t generation;
	uint32_t reserved;
	uint64_t first; /* maps: the number of this generation's first write */
	uint64_t spare;
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct object) == 64, "one cache line");

/* Sets the table up for this process.  False: no memory. */
bool object_begin(void);

/*
 * The line of an object, made if it is not there.  NULL: the table is full.
 * Two threads that meet a new object at once both get the same line; neither
 * waits.
 */
struct object *object_find(uint64_t key);

#endif

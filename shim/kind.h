/* SPDX-License-Identifier: MIT */
/*
 * What kind of lock an object is, read from glibc's own fields: a lock that
 * was initialised statically, or before we were there, has no other way to
 * say it.  The fields are part of glibc's ABI: static initialisers are
 * compiled into programs.  Those of a semaphore are not, as it has none; but
 * they are in memory that processes with different copies of glibc share.
 */
#ifndef SHIM_KIND_H
#define SHIM_KIND_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "object.h"

/* Kinds (enum cmshim_kind, or-ed) of the live object at address. */
uint32_t kind_of(uint64_t address, enum object_class class);

/* Bits of __kind that are no public constants (glibc's nptl/pthreadP.h). */
#define KIND_ROBUST	  0x10
#define KIND_PRIO_INHERIT 0x20
#define KIND_PRIO_PROTECT 0x40
#define KIND_SHARED	  0x80

static inline bool kind_mutex_is_robust(const pthread_mutex_t *m)
{
	return m->__data.__kind & KIND_ROBUST;
}

/* Whether it refuses to be given up by a thread that does not hold it. */
bool kind_mutex_checks_owner(const pthread_mutex_t *m);

/* Whether anybody holds the mutex at this moment; it may be over already. */
bool kind_mutex_is_locked(const volatile void *m);

/* Whether libc has it that the thread of that kernel id holds the mutex, or
   the rwlock to write. */
bool kind_is_held_by(uint64_t address, enum object_class class, uint32_t id);

/* Whether libc has it that nobody holds the lock.  Of other classes it is not
   known, and the answer is no. */
bool kind_is_free(const volatile void *lock, enum object_class class);

/* Whether the rwlock is held by a writer, whoever it is. */
bool kind_rwlock_has_writer(uint64_t address);

#endif

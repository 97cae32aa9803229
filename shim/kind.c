/* SPDX-License-Identifier: MIT */
#include "kind.h"

static uint32_t kind_of_mutex(const pthread_mutex_t *m)
{
	unsigned raw = (unsigned)m->__data.__kind;
	uint32_t kind = 0;

	switch (raw & 3) {
	case PTHREAD_MUTEX_RECURSIVE_NP:
		kind = CMSHIM_RECURSIVE;
		break;
	case PTHREAD_MUTEX_ERRORCHECK_NP:
		kind = CMSHIM_ERRORCHECK;
		break;
	case PTHREAD_MUTEX_ADAPTIVE_NP:
		kind = CMSHIM_ADAPTIVE;
		break;
	}
	return kind | (raw & KIND_ROBUST ? CMSHIM_ROBUST : 0) |
	       (raw & KIND_PRIO_INHERIT ? CMSHIM_PRIO_INHERIT : 0) |
	       (raw & KIND_PRIO_PROTECT ? CMSHIM_PRIO_PROTECT : 0) |
	       (raw & KIND_SHARED ? CMSHIM_PROCESS_SHARED : 0);
}

static uint32_t kind_of_rwlock(const pthread_rwlock_t *l)
{
	uint32_t kind = l->__data.__shared ? CMSHIM_PROCESS_SHARED : 0;

	/* PREFER_WRITER_NP is treated as the reader-preferring one: only the
	   non-recursive kind prefers writers. */
	if (l->__data.__flags == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP)
		kind |= CMSHIM_PREFER_WRITER;
	return kind;
}

/* sem_t, after struct new_sem in glibc's internaltypes.h, since 2.21. */
struct semaphore {
	uint64_t value;
	int shared;
};

static bool is_shared(const void *at, enum object_class class)
{
	switch ((int)class) {
	case OBJECT_SEMAPHORE:
		return ((const struct semaphore *)at)->shared;
	case OBJECT_CONDITION: /* __PTHREAD_COND_SHARED_MASK, since 2.25 */
		return ((const pthread_cond_t *)at)->__data.__wrefs & 1;
	default:
		return false;
	}
}

uint32_t kind_of(uint64_t address, enum object_class class)
{
	const void *at = (const void *)(uintptr_t)address;

	if (class == OBJECT_MUTEX)
		return kind_of_mutex(at);
	if (class == OBJECT_RWLOCK)
		return kind_of_rwlock(at);
	return is_shared(at, class) ? CMSHIM_PROCESS_SHARED : 0;
}

bool kind_mutex_checks_owner(const pthread_mutex_t *m)
{
	int type = m->__data.__kind & 3;

	return kind_mutex_is_robust(m) || type == PTHREAD_MUTEX_ERRORCHECK_NP ||
	       type == PTHREAD_MUTEX_RECURSIVE_NP;
}

bool kind_mutex_is_locked(const volatile void *m)
{
	const volatile pthread_mutex_t *mutex = m;

	return mutex->__data.__lock != 0;
}

bool kind_is_held_by(uint64_t address, enum object_class class, uint32_t id)
{
	const void *lock = (const void *)(uintptr_t)address;

	if (class == OBJECT_MUTEX)
		return (uint32_t)((const pthread_mutex_t *)lock)
			       ->__data.__owner == id;
	return class == OBJECT_RWLOCK &&
	       (uint32_t)((const pthread_rwlock_t *)lock)
			       ->__data.__cur_writer == id;
}

/* Bits of __readers (glibc's nptl/pthread_rwlock_common.c, 2.25 on): a writer
   has it; the number of readers begins above these. */
#define RWLOCK_WRITER	    2
#define RWLOCK_READER_SHIFT 3

bool kind_is_free(const volatile void *lock, enum object_class class)
{
	const volatile pthread_mutex_t *mutex = lock;
	const volatile pthread_rwlock_t *rwlock = lock;
	unsigned readers;

	if (class == OBJECT_MUTEX)
		return !mutex->__data.__owner || !mutex->__data.__lock;
	if (class != OBJECT_RWLOCK)
		return false;
	readers = rwlock->__data.__readers;
	return !(readers & RWLOCK_WRITER) && !(readers >> RWLOCK_READER_SHIFT);
}

bool kind_rwlock_has_writer(uint64_t address)
{
	const pthread_rwlock_t *l = (const void *)(uintptr_t)address;

	return l->__data.__cur_writer != 0;
}

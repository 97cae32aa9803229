/* SPDX-License-Identifier: MIT */
/*
 * The functions the wrappers stand in front of.
 *
 * real.pthread_mutex_lock(m) is the lock the program would have called had
 * the shim not been there.  Only real.c names dlsym.
 */
#ifndef SHIM_REAL_H
#define SHIM_REAL_H

#include <pthread.h>
#include <search.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/types.h>
#include <threads.h>
#include <time.h>

#include "keys.h"

struct aiocb;
struct aiocb64;

struct real {
#define CALL(id, ret, name, params, op, class, version) ret(*name) params;
#include "calls.def"
#include "maps.def"
#undef CALL
};

extern struct real real __attribute__((visibility("hidden")));

/*
 * Looks up what is not found yet.  A function that the process does not have
 * stays NULL until a library brings it.
 */
void real_resolve(void);

/*
 * For a wrapper that was called while its pointer is NULL: the library came
 * after the last look-up.  False: a caller without a function behind it, which
 * can only be one that found our name by dlsym().
 */
bool real_found_late(void *const *pointer);

/* The allocator behind free(). */
struct real_malloc {
	bool is_libc;
	bool has_delete; /* operator delete is its own, too */
	/* malloc_usable_size(), if it is the same allocator's; or NULL. */
	size_t (*bytes)(void *block);
};

extern struct real_malloc real_malloc;

/* How the keys of a table with this hash function are equal. */
enum key_kind real_key_kind(const void *hash_function);

#define REAL_IS_THERE(name)           \
	(likely(real.name != NULL) || \
	 real_found_late((void *const *)(void *)&real.name))

/*
 * A variable or a function that is not wrapped, of a library that the program
 * has; NULL: none has it.
 */
void *real_data(const char *name);

/*
 * A library of our own, kept out of the program's sight: NULL if it is not
 * installed.  And what it defines.
 */
void *real_own_library(const char *soname);
void *real_own_symbol(void *library, const char *name);

#endif

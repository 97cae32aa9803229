/* SPDX-License-Identifier: MIT */
/*
 * A process or thread made by hand, in its maker's memory and without
 * thread-local storage of its own, that locks at the same time as its maker.
 */
#ifndef TESTS_CLONE_H
#define TESTS_CLONE_H

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

#include "program.h"

#define ROUNDS	    100000
#define STACK_BYTES (256 * 1024)

/* The flags of a thread by hand. */
#define THREAD_FLAGS                                                         \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_SYSVSEM | \
	 CLONE_THREAD)

static pthread_mutex_t mine[2] = { PTHREAD_MUTEX_INITIALIZER,
				   PTHREAD_MUTEX_INITIALIZER };
static pthread_mutex_t others[2] = { PTHREAD_MUTEX_INITIALIZER,
				     PTHREAD_MUTEX_INITIALIZER };
static int begun, over;

static inline void use(pthread_mutex_t *locks)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&locks[0]);
		pthread_mutex_lock(&locks[1]);
		pthread_mutex_unlock(&locks[1]);
		pthread_mutex_unlock(&locks[0]);
	}
}

/* What the other does. */
static inline void run_beside(void)
{
	meet(&begun, 2);
	use(others);
	__atomic_store_n(&over, 1, __ATOMIC_RELEASE);
}

/* The end of a new stack for it, which nobody gives back. */
static inline char *new_stack(void)
{
	char *low = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(low != MAP_FAILED, "have a stack");
	begun = over = 0;
	return low + STACK_BYTES;
}

/* What the maker does, with what the call returned. */
static inline void go_on_beside(long id)
{
	must(id > 0, "make it");
	meet(&begun, 2);
	use(mine);
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE))
		sched_yield();
}

#endif

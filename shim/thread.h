/* SPDX-License-Identifier: MIT */
/*
 * Threads: their numbers, and when they end.
 */
#ifndef SHIM_THREAD_H
#define SHIM_THREAD_H

#include <pthread.h>
#include <stdint.h>

/*
 * Makes what tells us that a thread ends, and registers what keeps libunwind
 * usable in a forked child.  Once, by the constructor.
 */
void thread_begin(void);

/* The calling thread has a context: its end is to be seen. */
void thread_watch_end(void);

/*
 * Which thread a handle names.  A handle is used again for another thread,
 * which says its number when it runs: until then the handle's is unknown, 0.
 */
void thread_set_number(pthread_t handle, uint32_t thread);
uint32_t thread_number(pthread_t handle);

/* The thread is about to end: from now on its handle may become another's. */
void thread_ends(pthread_t handle, uint32_t thread);

/*
 * The number of the thread that was joined; before: thread_number() before the
 * call.  If that was unknown, the thread has said it since; were the handle
 * another's already, between libc's return and this, it would be wrong.
 */
uint32_t thread_joined(pthread_t handle, uint32_t before);

/*
 * Set around a call of a library that will make a thread: whose call it was,
 * and what the thread is to run.  frame NULL: none.
 */
struct thread_maker {
	const void *frame; /* of the wrapper of the library's call */
	uint64_t start_routine;
};

extern __thread struct thread_maker thread_maker
	__attribute__((tls_model("initial-exec")));

#endif

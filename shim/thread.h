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

/* Which thread a handle names now; thread 0: not known. */
void thread_set_number(pthread_t handle, uint32_t thread);
uint32_t thread_number(pthread_t handle);

#endif

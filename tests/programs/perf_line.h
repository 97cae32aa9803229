/* SPDX-License-Identifier: MIT */
/*
 * Two threads, each with a lock of its own that it takes and gives for half a
 * second at the same time.  The main thread has taken both as well: they are
 * not locks that only one thread takes.
 */
#ifndef TESTS_PERF_LINE_H
#define TESTS_PERF_LINE_H

#include "program.h"

static int line_begun;

static inline long line_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline void *line_use(void *lock)
{
	pthread_spinlock_t *own = (pthread_spinlock_t *)lock;
	long end;

	meet(&line_begun, 2);
	end = line_ms() + 500;
	while (line_ms() < end)
		for (int i = 0; i < 20; i++) {
			pthread_spin_lock(own);
			for (volatile int work = 0; work < 100; work++)
				;
			pthread_spin_unlock(own);
		}
	return NULL;
}

static inline void line_run(pthread_spinlock_t *one, pthread_spinlock_t *other)
{
	pthread_t t[2];

	pthread_spin_init(one, PTHREAD_PROCESS_PRIVATE);
	pthread_spin_init(other, PTHREAD_PROCESS_PRIVATE);
	pthread_spin_lock(one);
	pthread_spin_unlock(one);
	pthread_spin_lock(other);
	pthread_spin_unlock(other);
	t[0] = thread_start(line_use, (void *)one);
	t[1] = thread_start(line_use, (void *)other);
	thread_end(t[0]);
	thread_end(t[1]);
}

#endif

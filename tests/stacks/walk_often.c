/* SPDX-License-Identifier: MIT */
/*
 * Takes locks at the ends of call chains that change all the time, and walks
 * the stack itself at some of them: see sample.h.  The unwinder is libgcc's,
 * which the shim has nothing to do with.
 *
 * The chains are made to deceive a memo of stacks:
 *   - the same code at the same stack pointer is reached by other callers;
 *   - frames of other sizes lie where return addresses lay before, and still
 *     hold them: nothing here is initialised without need;
 *   - frames based on rbp, and others between them that use it for data;
 *   - a thread's stack is that of an ended one, and so is its context.
 *
 * build: -O2 -fomit-frame-pointer -pthread
 */
#include <execinfo.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sample.h"

#define N_LOCKS	  16
#define N_THREADS 3
#define PERIOD	  16 /* one acquire in so many is walked, on average */
#define DEEPEST	  44

struct walker {
	uint64_t random;
	uint64_t event; /* acquires so far */
	uint64_t until; /* ... at the end */
	uint64_t thread;
	FILE *file;
};

typedef uint64_t node(struct walker *w, unsigned depth, uint64_t data);
typedef int call_on_lock(pthread_mutex_t *lock);

static pthread_mutex_t locks[N_LOCKS] = {
	[0 ... N_LOCKS - 1] = PTHREAD_MUTEX_INITIALIZER
};
static __thread struct walker *self;

#define NODE  static __attribute__((noinline)) uint64_t
#define OPAQUE(value) __asm__ volatile("" : "+r"(value))

static uint64_t draw(struct walker *w)
{
	uint64_t x = w->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	w->random = x;
	return x;
}

static void put(FILE *file, const uint64_t *words, size_t n)
{
	if (fwrite(words, sizeof(*words), n, file) != n) {
		perror("walk_often");
		_exit(99);
	}
}

/* Called by the very instruction that has called pthread_mutex_lock(), so
   that all of the stack is the same, the return address included. */
static __attribute__((noinline)) int walk(pthread_mutex_t *lock)
{
	struct walker *w = self;
	void *frames[SAMPLE_MAX_FRAMES];
	uint64_t head[3] = { w->thread, w->event, 0 };
	int n = backtrace(frames, SAMPLE_MAX_FRAMES);

	(void)lock;
	head[2] = (uint64_t)(n - 1); /* without this function's */
	put(w->file, head, 3);
	put(w->file, (uint64_t *)(void *)(frames + 1), (size_t)(n - 1));
	return 0;
}

/* Two functions: in each, one call instruction takes locks and walks. */
#define TAKER(name, volatile_words)                                  \
	NODE name(struct walker *w, unsigned depth, uint64_t data)   \
	{                                                            \
		call_on_lock *calls[] = { pthread_mutex_lock, walk,  \
					  pthread_mutex_unlock };    \
		volatile uint64_t room[volatile_words];              \
		bool sampled = draw(w) % PERIOD == 0;                \
                                                                     \
		room[0] = data;                                      \
		for (unsigned i = 0; i < 3; i++)                     \
			if (i != 1 || sampled)                       \
				calls[i](&locks[draw_lock(w)]);      \
		w->event++;                                          \
		return room[0] + depth;                              \
	}

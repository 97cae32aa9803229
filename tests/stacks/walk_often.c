/* SPDX-License-Identifier: MIT */
/*
 * walk_often FILE MILLIONS: takes locks at the ends of call chains that change
 * all the time, so many million times, and walks the stack itself at some of
 * them: see sample.h.  The unwinder is libgcc's, with which the shim has
 * nothing to do.
 *
 * The chains are made to deceive a memo of stacks:
 *   - the same code at the same stack pointer is reached from other callers;
 *   - frames of other sizes lie where return addresses lay before, and still
 *     hold them, as nothing there is written without need;
 *   - between frames based on rbp are others that use it for data;
 *   - a thread's stack was an ended one's, and so was its context.
 *
 * build: -O2 -fomit-frame-pointer -pthread
 */
#include <execinfo.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sample.h"

#define N_LOCKS	      16
#define N_THREADS     3 /* at a time */
#define N_GENERATIONS 4
#define PERIOD	      16  /* one acquire in so many is walked, on average */
#define N_TREES	      256 /* different trees of calls */
#define DEEPEST	      44

struct walker {
	uint64_t path;	 /* decides the tree of calls: the same seed, the same
			    tree */
	uint64_t chance; /* decides the rest */
	uint64_t event;	 /* acquires so far */
	uint64_t until;	 /* of them, in this tree */
	unsigned deepest;
	unsigned moved; /* by the last frame of a varied size, not made up
			   for yet; 0: none */
};

typedef uint64_t node(struct walker *w, unsigned depth, uint64_t data);
typedef int call_on_lock(pthread_mutex_t *lock);

#define NODE	      static __attribute__((noinline)) uint64_t
#define OPAQUE(value) __asm__ volatile("" : "+r"(value) : : "memory")

static pthread_mutex_t locks[N_LOCKS] = { [0 ... N_LOCKS - 1] =
						  PTHREAD_MUTEX_INITIALIZER };
static FILE *file;
static uint64_t acquires_per_thread;
static __thread struct walker self;

static uint64_t draw(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return x >> 11;
}

/* One fwrite() a sample: the stream's lock keeps it in one piece. */
static void put(const uint64_t *words, size_t n)
{
	if (fwrite(words, sizeof(*words), n, file) == n)
		return;
	perror("walk_often");
	_exit(99);
}

/* Called by the very instruction that called pthread_mutex_lock() before, so
   that all of the stack is the same, the return address included. */
static __attribute__((noinline)) int walk(pthread_mutex_t *lock)
{
	union {
		void *address;
		uint64_t word;
	} words[SAMPLE_HEAD + SAMPLE_MAX_FRAMES];
	int n = backtrace(&words[SAMPLE_HEAD - 1].address, SAMPLE_MAX_FRAMES);

	(void)lock;
	/* The first one is in this function; its place is the head's. */
	words[0].word = (uint64_t)gettid();
	words[1].word = self.event;
	words[2].word = (uint64_t)(n - 1);
	put(&words[0].word, SAMPLE_HEAD - 1 + (size_t)n);
	return 0;
}

/* Takes a lock some times; of three calls by one instruction the second is
   made for samples only. */
#define TAKE(w)                                                           \
	do {                                                              \
		call_on_lock *calls_[] = { pthread_mutex_lock, walk,      \
					   pthread_mutex_unlock };        \
		unsigned times_ = 1 + draw(&(w)->path) % 8;               \
                                                                          \
		for (; times_ && (w)->event < (w)->until; times_--) {     \
			pthread_mutex_t *lock_ =                          \
				&locks[draw(&(w)->chance) % N_LOCKS];     \
			bool sampled_ = draw(&(w)->chance) % PERIOD == 0; \
			unsigned n_ = 3;                                  \
                                                                          \
			OPAQUE(n_);                                       \
			for (unsigned i_ = 0; i_ < n_; i_++)              \
				if (i_ != 1 || sampled_)                  \
					calls_[i_](lock_);                \
			(w)->event++;                                     \
		}                                                         \
	} while (0)

/*
 * Room of a size not known beforehand, so that the frame is found by rbp
 * only.  A frame moves further before each call it makes.  The next such frame
 * in the chain makes up for it: what that calls has the same stack pointer
 * again, while return addresses and saved rbp's between are elsewhere, and
 * where they were lies room that nobody writes to.
 */
#define MOVED_ALL 20

static unsigned move_on(struct walker *w, unsigned *moved)
{
	unsigned by = 1 + (unsigned)draw(&w->chance) % 5;

	*moved += by;
	w->moved = *moved;
	return by;
}

static unsigned make_up(struct walker *w)
{
	unsigned by = MOVED_ALL - w->moved;

	w->moved = 0;
	return by;
}

#define MOVE(units) \
	__asm__ volatile("" ::"r"(__builtin_alloca(16 * (units))) : "memory")

NODE take(struct walker *w, unsigned depth, uint64_t data)
{
	TAKE(w);
	return data + depth;
}

NODE take_further_down(struct walker *w, unsigned depth, uint64_t data)
{
	uint64_t room[37];

	__asm__ volatile("" : : "r"(room) : "memory");
	TAKE(w);
	return data + depth;
}

NODE take_moved(struct walker *w, unsigned depth, uint64_t data)
{
	unsigned before = w->moved;

	MOVE(make_up(w));
	TAKE(w);
	w->moved = before;
	return data + depth;
}

static node plain, roomy, varied, based, crowded;

static node *next(struct walker *w, unsigned depth)
{
	static node *const inner[] = { plain, roomy, varied, based, crowded };
	static node *const last[] = { take, take_further_down, take_moved };

	if (depth >= w->deepest || draw(&w->path) % 8 == 0)
		return last[draw(&w->path) % 3];
	return inner[draw(&w->path) % 5];
}

/*
 * What all inner nodes do: some calls, from four places, none a tail call.
 * Often what is called does the same each time: then the chains differ in
 * this one return address, and nothing else.
 */
#define CALLS(w, depth, data, before_each)                                    \
	do {                                                                  \
		bool again_ = draw(&(w)->path) % 2 == 0;                      \
		unsigned n_ = 1 + draw(&(w)->path) % 3;                       \
		uint64_t path_ = (w)->path;                                   \
                                                                              \
		for (; n_ && (w)->event < (w)->until; n_--) {                 \
			unsigned place_ = again_ ? n_ : draw(&(w)->path) % 4; \
                                                                              \
			if (again_)                                           \
				(w)->path = path_;                            \
			before_each;                                          \
			switch (place_) {                                     \
			case 0:                                               \
				data += next(w, depth)(w, depth + 1, 3);      \
				OPAQUE(data);                                 \
				break;                                        \
			case 1:                                               \
				data ^= next(w, depth)(w, depth + 1, 5);      \
				OPAQUE(data);                                 \
				break;                                        \
			case 2:                                               \
				data -= next(w, depth)(w, depth + 1, 7);      \
				OPAQUE(data);                                 \
				break;                                        \
			default:                                              \
				data |= next(w, depth)(w, depth + 1, 9);      \
				OPAQUE(data);                                 \
			}                                                     \
		}                                                             \
	} while (0)

NODE plain(struct walker *w, unsigned depth, uint64_t data)
{
	CALLS(w, depth, data, (void)0);
	return data;
}

NODE roomy(struct walker *w, unsigned depth, uint64_t data)
{
	uint64_t room[91];

	__asm__ volatile("" : : "r"(room) : "memory");
	CALLS(w, depth, data, (void)0);
	__asm__ volatile("" : : "r"(room) : "memory");
	return data;
}

NODE varied(struct walker *w, unsigned depth, uint64_t data)
{
	unsigned before = w->moved, moved = 0;

	if (before) {
		MOVE(make_up(w));
		CALLS(w, depth, data, (void)0);
	} else {
		CALLS(w, depth, data, MOVE(move_on(w, &moved)));
	}
	w->moved = before;
	return data;
}

NODE based(struct walker *w, unsigned depth, uint64_t data)
{
	void *frame = __builtin_frame_address(0);

	__asm__ volatile("" : : "r"(frame) : "memory");
	CALLS(w, depth, data, (void)0);
	return data;
}

/* More values than there are registers: rbp has one of them. */
NODE crowded(struct walker *w, unsigned depth, uint64_t data)
{
	uint64_t a = data + 1, b = data * 3, c = data ^ depth, d = a * b;

	OPAQUE(a);
	OPAQUE(b);
	OPAQUE(c);
	OPAQUE(d);
	CALLS(w, depth, data, (void)0);
	OPAQUE(a);
	OPAQUE(b);
	OPAQUE(c);
	OPAQUE(d);
	return data + a + b + c + d;
}

static void *body(void *seed)
{
	struct walker *w = &self;
	uint64_t last[SAMPLE_HEAD] = { (uint64_t)gettid() };

	w->chance = 0x2545f4914f6cdd1du * (1 + (uintptr_t)seed);
	while (w->event < acquires_per_thread) {
		uint64_t tree = draw(&w->chance) % N_TREES;

		w->path = 0x9e3779b97f4a7c15u * (1 + tree);
		w->until = w->event + 8 + tree;
		if (w->until > acquires_per_thread)
			w->until = acquires_per_thread;
		w->deepest = (unsigned)(2 + draw(&w->path) % (DEEPEST - 2));
		plain(w, 0, tree);
	}
	last[1] = w->event;
	put(last, SAMPLE_HEAD);
	return seed;
}

int main(int argc, char **argv)
{
	uint64_t range[2] = { (uintptr_t)locks,
			      (uintptr_t)&locks[N_LOCKS - 1] };
	void *warm[2];
	uintptr_t seed = 0;

	file = argc == 3 ? fopen(argv[1], "w") : NULL;
	if (!file) {
		fprintf(stderr, "usage: walk_often FILE MILLIONS\n");
		return 2;
	}
	acquires_per_thread = strtoull(argv[2], NULL, 10) * 1000000 /
			      (N_THREADS * N_GENERATIONS + 1);
	backtrace(warm, 2); /* loads libgcc_s */
	put(range, 2);
	for (int g = 0; g < N_GENERATIONS; g++) {
		pthread_t threads[N_THREADS];

		for (int i = 0; i < N_THREADS; i++)
			if (pthread_create(&threads[i], NULL, body,
					   (void *)++seed))
				return 99;
		for (int i = 0; i < N_THREADS; i++)
			pthread_join(threads[i], NULL);
	}
	body((void *)++seed);
	return fclose(file) == 0 ? 0 : 99;
}

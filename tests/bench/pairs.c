/* SPDX-License-Identifier: MIT */
/*
 * pairs WHAT COUNT [DEPTH]: thread CPU time of a pair of calls on a lock that
 * nobody else wants, in a process that has a second thread.
 */
#include <semaphore.h>

#include "bench.h"

static struct padded_lock locks[N_LOCKS];
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_spinlock_t spin;
static sem_t semaphore;
static uint32_t random_state = 1;

#define APART __attribute__((noinline)) static

#define PAIR(l)                               \
	do {                                  \
		pthread_mutex_t *lock_ = (l); \
                                              \
		pthread_mutex_lock(lock_);    \
		pthread_mutex_unlock(lock_);  \
	} while (0)

#define EIGHT(statement)   \
	do {               \
		statement; \
		statement; \
		statement; \
		statement; \
		statement; \
		statement; \
		statement; \
		statement; \
	} while (0)

APART void same(uint64_t n)
{
	while (n--)
		PAIR(&locks[0].lock);
}

/* Eight places in turn, each with whatever lock comes. */
APART void eight_places(uint64_t n)
{
	for (; n >= 8; n -= 8)
		EIGHT(PAIR(&locks[bench_draw(&random_state) % N_LOCKS].lock));
}

/* depth frames further down */
APART void below(unsigned depth, void (*body)(uint64_t), uint64_t n)
{
	if (depth == 0)
		body(n);
	else
		below(depth - 1, body, n);
	__asm__ volatile(""); /* no tail call */
}

/* At two depths in turn, for 64 pairs each. */
APART void varied(uint64_t n)
{
	for (; n >= 128; n -= 128) {
		below(2, eight_places, 64);
		below(12, eight_places, 64);
	}
}

APART void one_pair(void)
{
	PAIR(&locks[0].lock);
	__asm__ volatile("");
}

APART void one_place(uint64_t n)
{
	while (n--)
		one_pair();
}

/* The same pair at the same stack pointer, with another caller each time: a
   memo that has room for one of them always has the wrong one. */
APART void other_callers(uint64_t n)
{
	for (; n >= 8; n -= 8)
		EIGHT(one_pair());
}

APART void read_lock(uint64_t n)
{
	while (n--) {
		pthread_rwlock_rdlock(&rwlock);
		pthread_rwlock_unlock(&rwlock);
	}
}

APART void spin_lock(uint64_t n)
{
	while (n--) {
		pthread_spin_lock(&spin);
		pthread_spin_unlock(&spin);
	}
}

APART void post_and_wait(uint64_t n)
{
	while (n--) {
		sem_post(&semaphore);
		sem_wait(&semaphore);
	}
}

APART void signal_nobody(uint64_t n)
{
	while (n--)
		pthread_cond_signal(&condition);
}

static const struct {
	const char *what;
	void (*body)(uint64_t n);
} rows[] = {
	{ "same", same },
	{ "varied", varied },
	{ "one-place", one_place },
	{ "other-callers", other_callers },
	{ "read", read_lock },
	{ "spin", spin_lock },
	{ "semaphore", post_and_wait },
	{ "signal", signal_nobody },
};

static void measure(void (*body)(uint64_t), uint64_t count, unsigned depth)
{
	double start;

	below(depth, body, 20000);
	start = bench_ns(CLOCK_THREAD_CPUTIME_ID);
	below(depth, body, count);
	bench_say("pair",
		  (bench_ns(CLOCK_THREAD_CPUTIME_ID) - start) / (double)count,
		  "ns");
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	unsigned depth = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;

	for (int i = 0; i < N_LOCKS; i++)
		pthread_mutex_init(&locks[i].lock, NULL);
	pthread_spin_init(&spin, 0);
	sem_init(&semaphore, 0, 0);
	bench_second_thread();
	for (size_t i = 0; count && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(argv[1], rows[i].what)) {
			measure(rows[i].body, count, depth);
			return 0;
		}
	fputs("usage: pairs WHAT COUNT [DEPTH]\n", stderr);
	return 2;
}

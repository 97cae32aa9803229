/* SPDX-License-Identifier: MIT */
/*
 * threads own THREADS COUNT: CPU time of a pair in threads that all run, each
 * with a mutex of its own.
 *
 * threads many THREADS COUNT: the same with 64 mutexes, any of them.
 *
 * threads one THREADS MS NS KIND: threads that all want one mutex (normal,
 * adaptive, recursive or inherits), for so many milliseconds, each holding it
 * for so many nanoseconds and asking again at once.  What a section takes of
 * the time that passes, the smallest share of a thread (100 % would be an equal
 * one), and how often the mutex went to another thread.
 *
 * threads idle THREADS: memory that a thread takes which has used a mutex and
 * now waits for nothing in particular.
 */
#include <stdbool.h>

#include "bench.h"

#define MAX_THREADS 256

struct worker {
	pthread_t id;
	struct padded_lock own;
	uint64_t count; /* sections */
	uint64_t taken_over;
	double ns;
} __attribute__((aligned(128)));

static struct worker workers[MAX_THREADS];
static struct padded_lock shared, locks[N_LOCKS];
static pthread_barrier_t begin;
static struct worker *last_owner;
static uint64_t count, hold_turns;
static int stop;

/* A dependent chain of so many turns. */
static void spend(uint64_t turns)
{
	while (turns--)
		__asm__ volatile("");
}

/* How many turns take so long; the fastest of some tries. */
static uint64_t turns_for(double ns)
{
	const uint64_t turns = 200000;
	double best = 1e18;

	for (int i = 0; i < 20; i++) {
		double start = bench_ns(CLOCK_MONOTONIC);

		spend(turns);
		start = bench_ns(CLOCK_MONOTONIC) - start;
		best = start < best ? start : best;
	}
	return (uint64_t)(ns * (double)turns / best);
}

static void pairs(pthread_mutex_t *lock, uint64_t n)
{
	while (n--) {
		pthread_mutex_lock(lock);
		pthread_mutex_unlock(lock);
	}
}

static void *own_body(void *arg)
{
	struct worker *w = arg;
	double start;

	pairs(&w->own.lock, 20000);
	pthread_barrier_wait(&begin);
	start = bench_ns(CLOCK_THREAD_CPUTIME_ID);
	pairs(&w->own.lock, count);
	w->ns = bench_ns(CLOCK_THREAD_CPUTIME_ID) - start;
	return NULL;
}

static void *many_body(void *arg)
{
	struct worker *w = arg;
	uint32_t random = (uint32_t)(w - workers);

	pthread_barrier_wait(&begin);
	w->ns = -bench_ns(CLOCK_THREAD_CPUTIME_ID);
	for (uint64_t i = 0; i < count; i++)
		pairs(&locks[bench_draw(&random) % N_LOCKS].lock, 1);
	w->ns += bench_ns(CLOCK_THREAD_CPUTIME_ID);
	return NULL;
}

static void *one_body(void *arg)
{
	struct worker *w = arg;

	pthread_barrier_wait(&begin);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		pthread_mutex_lock(&shared.lock);
		w->taken_over += last_owner != w;
		last_owner = w;
		w->count++;
		spend(hold_turns);
		pthread_mutex_unlock(&shared.lock);
	}
	return NULL;
}

static void *idle_body(void *arg)
{
	struct worker *w = arg;

	pairs(&w->own.lock, 1);
	pthread_barrier_wait(&begin);
	pause();
	return NULL;
}

static void start(unsigned n, void *(*body)(void *))
{
	pthread_barrier_init(&begin, NULL, n + 1);
	for (unsigned i = 0; i < n; i++) {
		pthread_mutex_init(&workers[i].own.lock, NULL);
		bench_must(!pthread_create(&workers[i].id, NULL, body,
					   &workers[i]),
			   "thread");
	}
}

static void measure_pairs(unsigned n, void *(*body)(void *))
{
	double ns = 0;

	start(n, body);
	pthread_barrier_wait(&begin);
	for (unsigned i = 0; i < n; i++) {
		pthread_join(workers[i].id, NULL);
		ns += workers[i].ns;
	}
	bench_say("pair", ns / (double)count / n, "ns");
}

static bool make_shared(const char *kind)
{
	static const struct {
		const char *name;
		int type, protocol;
	} kinds[] = {
		{ "normal", PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE },
		{ "adaptive", PTHREAD_MUTEX_ADAPTIVE_NP, PTHREAD_PRIO_NONE },
		{ "recursive", PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE },
		{ "inherits", PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT },
	};
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, kind) != 0)
			continue;
		pthread_mutexattr_settype(&attr, kinds[i].type);
		pthread_mutexattr_setprotocol(&attr, kinds[i].protocol);
		bench_must(!pthread_mutex_init(&shared.lock, &attr), "mutex");
		return true;
	}
	return false;
}

static void measure_one(unsigned n, long ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };
	uint64_t all = 0, least = UINT64_MAX, over = 0;
	double first;

	start(n, one_body);
	pthread_barrier_wait(&begin);
	first = bench_ns(CLOCK_MONOTONIC);
	nanosleep(&time, NULL);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	first = bench_ns(CLOCK_MONOTONIC) - first;
	for (unsigned i = 0; i < n; i++) {
		pthread_join(workers[i].id, NULL);
		all += workers[i].count;
		over += workers[i].taken_over;
		if (workers[i].count < least)
			least = workers[i].count;
	}
	bench_say("section", first / (double)all, "ns");
	bench_say("share", 100.0 * (double)least * n / (double)all, "%");
	bench_say("handed", 100.0 * (double)over / (double)all, "%");
}

static double resident_kib(void)
{
	long pages = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	bench_must(file && fscanf(file, "%ld %ld", &pages, &resident) == 2,
		   "/proc/self/statm");
	fclose(file);
	return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static void measure_idle(unsigned n)
{
	double before = resident_kib();

	start(n, idle_body);
	pthread_barrier_wait(&begin);
	bench_say("thread", (resident_kib() - before) / n, "KiB");
}

int main(int argc, char **argv)
{
	unsigned n = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;

	for (int i = 0; i < N_LOCKS; i++)
		pthread_mutex_init(&locks[i].lock, NULL);
	if (n == 0 || n > MAX_THREADS)
		goto usage;
	if (argc == 4 && !strcmp(argv[1], "own")) {
		count = strtoull(argv[3], NULL, 10);
		measure_pairs(n, own_body);
	} else if (argc == 4 && !strcmp(argv[1], "many")) {
		count = strtoull(argv[3], NULL, 10);
		measure_pairs(n, many_body);
	} else if (argc == 6 && !strcmp(argv[1], "one") &&
		   make_shared(argv[5])) {
		hold_turns = turns_for(strtod(argv[4], NULL));
		measure_one(n, strtol(argv[3], NULL, 10));
	} else if (argc == 3 && !strcmp(argv[1], "idle")) {
		measure_idle(n);
	} else {
		goto usage;
	}
	return 0;
usage:
	fputs("usage: threads own|many N COUNT | one N MS NS KIND | idle N\n",
	      stderr);
	return 2;
}

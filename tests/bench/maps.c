/* SPDX-License-Identifier: MIT */
/*
 * maps WHAT COUNT: thread CPU time of a call on a map of a thousand elements,
 * in a process that has a second thread.
 *
 * packages: libglib2.0-dev
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 */
#include <glib.h>
#include <search.h>

#include "bench.h"

#define N_KEYS 1000

static struct padded_lock locks[1];
static GHashTable *table;
static void *tree;
static uint32_t random_state = 1;
static uintptr_t sum; /* so that no result is unused */

static int compare(const void *a, const void *b)
{
	return ((uintptr_t)a > (uintptr_t)b) - ((uintptr_t)a < (uintptr_t)b);
}

static void *any_key(void)
{
	return (void *)(uintptr_t)(1 + bench_draw(&random_state) % N_KEYS);
}

static void lookup(void)
{
	sum += (uintptr_t)g_hash_table_lookup(table, any_key());
}

static void lookup_locked(void)
{
	pthread_mutex_lock(&locks[0].lock);
	lookup();
	pthread_mutex_unlock(&locks[0].lock);
}

/* Of a key that is there: the table does not grow. */
static void insert(void)
{
	void *key = any_key();

	g_hash_table_insert(table, key, key);
}

static void insert_locked(void)
{
	pthread_mutex_lock(&locks[0].lock);
	insert();
	pthread_mutex_unlock(&locks[0].lock);
}

static void find(void)
{
	sum += (uintptr_t)tfind(any_key(), &tree, compare);
}

static const struct {
	const char *what;
	void (*body)(void);
} rows[] = {
	{ "lookup", lookup }, { "lookup-locked", lookup_locked },
	{ "insert", insert }, { "insert-locked", insert_locked },
	{ "tfind", find },
};

static void measure(void (*body)(void), uint64_t count)
{
	double start;

	for (int i = 0; i < 20000; i++)
		body();
	start = bench_ns(CLOCK_THREAD_CPUTIME_ID);
	for (uint64_t i = 0; i < count; i++)
		body();
	bench_say("call",
		  (bench_ns(CLOCK_THREAD_CPUTIME_ID) - start) / (double)count,
		  "ns");
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;

	pthread_mutex_init(&locks[0].lock, NULL);
	table = g_hash_table_new(g_direct_hash, g_direct_equal);
	for (uintptr_t i = 0; i < N_KEYS; i++) {
		/* Not in order, or the tree would be built by turning. */
		void *key = (void *)(1 + i * 7919 % N_KEYS);

		g_hash_table_insert(table, key, key);
		bench_must(tsearch(key, &tree, compare) != NULL, "tsearch");
	}
	bench_second_thread();
	for (size_t i = 0; count && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(argv[1], rows[i].what)) {
			measure(rows[i].body, count);
			return sum == 1;
		}
	fputs("usage: maps WHAT COUNT\n", stderr);
	return 2;
}

/* SPDX-License-Identifier: MIT */
/*
 * A table that gets elements all the time and gives none back, and one that
 * gives back as many.
 *
 * build: -pthread $(pkg-config --cflags --libs glib-2.0)
 * expect: map-growth
 */
#include <glib.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static long elapsed_ms(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - since->tv_sec) * 1000 +
	       (now.tv_nsec - since->tv_nsec) / 1000000;
}

static void put(GHashTable *table, long i)
{
	pthread_mutex_lock(&m);
	g_hash_table_add(table, GSIZE_TO_POINTER(i));
	pthread_mutex_unlock(&m);
}

int main(void)
{
	GHashTable *growing = g_hash_table_new(NULL, NULL);
	GHashTable *steady = g_hash_table_new(NULL, NULL);
	struct timespec start;
	long i = 0;

	clock_gettime(CLOCK_MONOTONIC, &start);
	/* By the clock: so many elements for each millisecond that passed. */
	while (i < 3000) {
		for (; i < elapsed_ms(&start) * 2; i++) {
			put(growing, i);
			put(steady, i);
			if (i % 100 == 99)
				g_hash_table_remove_all(steady);
		}
		usleep(1000);
	}
	g_hash_table_destroy(steady);
	printf("%d\n", g_hash_table_size(growing) >= 3000);
	return 0;
}

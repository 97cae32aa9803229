/* SPDX-License-Identifier: MIT */
/*
 * A tree is taken out of its variable under the lock, and walked and destroyed
 * without it, while others fill the variable again: the two are never the same
 * tree.  (overlap_tsearch.c is about threads in one tree.)
 *
 * expect: nothing
 * allow: perf-hot
 * allow: guard-coarse
 */
#include <search.h>
#include <stdint.h>

#include "program.h"

enum { THREADS = 3, TIMES = 20000, EVERY = 400 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *tree;

static int compare(const void *a, const void *b)
{
	return a < b ? -1 : a > b;
}

static void visit(const void *node, VISIT when, int depth)
{
	(void)node;
	(void)when;
	(void)depth;
}

static void leave(void *key)
{
	(void)key;
}

static void *fill(void *unused)
{
	for (uintptr_t i = 1; i <= TIMES; i++) {
		void *old = NULL;

		pthread_mutex_lock(&lock);
		tsearch((void *)(i % 1000 + 1), &tree, compare);
		if (i % EVERY == 0) {
			old = tree;
			tree = NULL;
		}
		pthread_mutex_unlock(&lock);
		if (old) {
			twalk(old, visit);
			tdestroy(old, leave);
		}
	}
	return unused;
}

int main(void)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		threads[i] = thread_start(fill, NULL);
	for (int i = 0; i < THREADS; i++)
		thread_end(threads[i]);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * tsearch, tfind, tdelete, twalk and tdestroy by two threads, each call
 * under a mutex; the comparison takes a lock of its own.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include <search.h>

#include "program.h"

#define N 2000

static int keys[2][N];
static void *root;
static pthread_mutex_t tree = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t inner = PTHREAD_MUTEX_INITIALIZER;
static int n;

static int compare(const void *a, const void *b)
{
	int result;

	pthread_mutex_lock(&inner);
	result = *(const int *)a - *(const int *)b;
	pthread_mutex_unlock(&inner);
	return result;
}

static void count(const void *node, VISIT visit, int depth)
{
	(void)node;
	(void)depth;
	n += visit == postorder || visit == leaf;
}

static void keep(void *key)
{
	(void)key;
}

static void *worker(void *arg)
{
	int *mine = (int *)arg;

	for (int i = 0; i < N; i++) {
		pthread_mutex_lock(&tree);
		must(tsearch(&mine[i], &root, compare) != NULL, "insert");
		must(tfind(&mine[i], &root, compare) != NULL, "find");
		if (i % 2)
			must(tdelete(&mine[i], &root, compare) != NULL,
			     "delete");
		pthread_mutex_unlock(&tree);
	}
	return NULL;
}

int main(void)
{
	pthread_t t;

	for (int i = 0; i < N; i++) {
		keys[0][i] = 2 * i;
		keys[1][i] = 2 * i + 1;
	}
	t = thread_start(worker, keys[0]);
	worker(keys[1]);
	thread_end(t);

	twalk(root, count);
	printf("%d nodes\n", n);
	tdestroy(root, keep);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * tsearch: two threads insert at once; the comparison waits for both.
 *
 * The tree has one node before, and the new ones go to different sides of
 * it, so the tree survives what the program does wrong.
 *
 * expect: map-race-overlap
 */
#include <search.h>

#include "program.h"

static int keys[] = { 10, 5, 20 };
static void *root;
static pthread_barrier_t both;
static int n;

static int compare(const void *a, const void *b)
{
	pthread_barrier_wait(&both);
	return *(const int *)a - *(const int *)b;
}

static int compare_alone(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void count(const void *node, VISIT visit, int depth)
{
	(void)node;
	(void)depth;
	n += visit == postorder || visit == leaf;
}

static void *inserter(void *key)
{
	must(tsearch(key, &root, compare) != NULL, "insert");
	return NULL;
}

int main(void)
{
	pthread_t t;

	pthread_barrier_init(&both, NULL, 2);
	tsearch(&keys[0], &root, compare_alone);

	t = thread_start(inserter, &keys[1]);
	inserter(&keys[2]);
	thread_end(t);

	twalk(root, count);
	printf("%d nodes\n", n);
	return 0;
}

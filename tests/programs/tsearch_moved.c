/* SPDX-License-Identifier: MIT */
/*
 * A tree is walked by its root when the variable that it was built with is
 * not mapped any more.
 *
 * expect: nothing
 */
#include <search.h>
#include <sys/mman.h>

#include "program.h"

static int n_visits;

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void visit(const void *node, VISIT when, int depth)
{
	(void)node;
	(void)when;
	(void)depth;
	n_visits++;
}

static void leave(void *key)
{
	(void)key;
}

int main(void)
{
	static int keys[3] = { 1, 2, 3 };
	void **variable = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *root;

	must(variable != MAP_FAILED, "map a page");
	for (int i = 0; i < 3; i++)
		tsearch(&keys[i], variable, compare);
	root = *variable;
	munmap(variable, 4096);
	twalk(root, visit);
	/* The inner node three times, the leaves once. */
	IS(5, n_visits);
	tdestroy(root, leave);
	return 0;
}

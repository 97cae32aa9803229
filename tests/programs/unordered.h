/* SPDX-License-Identifier: MIT */
/*
 * One map for two threads that never meet inside it, because they take turns
 * unseen (order.h).  What a program adds to that is what orders the calls, as
 * far as can be seen.
 */
#ifndef TESTS_UNORDERED_H
#define TESTS_UNORDERED_H

#include <search.h>

#include "order.h"

static void *tree;

static inline int compare_numbers(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Numbers are kept, so a key's address stays its own. */
static inline void insert(int number)
{
	static int numbers[64];

	numbers[number] = number;
	must(tsearch(&numbers[number], &tree, compare_numbers) != NULL,
	     "insert");
}

static inline int is_there(int number)
{
	return tfind(&number, &tree, compare_numbers) != NULL;
}

#endif

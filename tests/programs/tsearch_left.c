/* SPDX-License-Identifier: MIT */
/*
 * Many searches, one inside another, are left by one jump: what is recorded
 * of that is more than the recorder keeps room for.
 *
 * loss: may
 * expect: nothing
 * allow: perf-hot
 */
#include <search.h>
#include <setjmp.h>

#include "program.h"

#define DEPTH 60

static void *roots[DEPTH + 1];
static int keys[2] = { 1, 2 };
static int depth;
static jmp_buf back;

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int search_deeper(const void *a, const void *b)
{
	(void)a;
	(void)b;
	if (depth == DEPTH)
		longjmp(back, 1);
	depth++;
	tfind(&keys[1], &roots[depth], search_deeper);
	return 0;
}

int main(void)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

	for (int i = 0; i <= DEPTH; i++)
		tsearch(&keys[0], &roots[i], compare);
	for (volatile int i = 0; i < 5000; i++) {
		depth = 0;
		if (!setjmp(back))
			tfind(&keys[1], &roots[0], search_deeper);
		for (int j = 0; j < i % 50; j++) {
			pthread_mutex_lock(&m);
			pthread_mutex_unlock(&m);
		}
	}
	puts("done");
	return 0;
}

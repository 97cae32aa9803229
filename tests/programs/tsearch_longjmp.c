/* SPDX-License-Identifier: MIT */
/*
 * A comparison leaves tsearch and tfind by longjmp; another thread uses the
 * tree afterwards, and no call is still inside.
 *
 * expect: nothing
 */
#include <search.h>
#include <setjmp.h>

#include "program.h"

static int keys[] = { 10, 5, 20, 7 };
static void *root;
static int jumps;
static jmp_buf back;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static int compare(const void *a, const void *b)
{
	if (jumps)
		longjmp(back, 1);
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	return *(const int *)a - *(const int *)b;
}

static void *user(void *unused)
{
	jumps = 1;
	if (!setjmp(back))
		tsearch(&keys[1], &root, compare);
	if (!setjmp(back))
		tfind(&keys[0], &root, compare);
	jumps = 0;
	must(tsearch(&keys[3], &root, compare) != NULL, "insert");
	must(tfind(&keys[0], &root, compare) != NULL, "find");
	return unused;
}

int main(void)
{
	tsearch(&keys[0], &root, compare);
	user(NULL);
	thread_end(thread_start(user, NULL));
	user(NULL);
	thread_end(thread_start(user, NULL));
	return 0;
}

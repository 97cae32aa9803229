/* SPDX-License-Identifier: MIT */
/*
 * A search is left by a jump, and the lock is given up after that by a function
 * that lies deeper on the stack than the search did: that was over by then.
 *
 * build: -O0 -pthread
 * expect: nothing
 * events: MAP_READ MAP_WRITE MAP_ENTER MAP_EXIT RELEASE
 * event: 1 MAP_WRITE map#1 tsearch
 * event: 1 MAP_WRITE map#1 tsearch
 * event: 1 RELEASE mutex#1 pthread_mutex_unlock
 * event: 1 MAP_READ map#1 tfind
 */
#include <search.h>
#include <setjmp.h>

#include "program.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *tree;
static int keys[] = { 1, 2 };
static jmp_buf back;

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int leave(const void *a, const void *b)
{
	(void)a;
	(void)b;
	longjmp(back, 1);
}

static void give_up_deeper(void)
{
	volatile char room[256];

	room[0] = 0;
	pthread_mutex_unlock(&lock);
	room[1] = room[0];
}

int main(void)
{
	tsearch(&keys[0], &tree, compare);
	pthread_mutex_lock(&lock);
	if (!setjmp(back))
		tsearch(&keys[1], &tree, leave);
	give_up_deeper();
	tfind(&keys[0], &tree, compare);
	return 0;
}

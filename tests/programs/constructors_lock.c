/* SPDX-License-Identifier: MIT */
/*
 * Constructors that lock, create threads and use maps before main(), and
 * destructors and exit handlers that do so after it, in their order.
 *
 * expect: nothing
 */
#include <search.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int keys[] = { 1, 2, 3 };
static void *root;

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void *step(void *key)
{
	pthread_mutex_lock(&m);
	tsearch(key, &root, compare);
	printf("step %d\n", *(int *)key);
	pthread_mutex_unlock(&m);
	return NULL;
}

__attribute__((constructor(101))) static void early(void)
{
	step(&keys[0]);
	thread_end(thread_start(step, &keys[0]));
}

__attribute__((constructor)) static void late(void)
{
	step(&keys[1]);
}

__attribute__((destructor)) static void last(void)
{
	step(&keys[2]);
	printf("destructor\n");
	fflush(stdout);
}

static void handler_one(void)
{
	thread_end(thread_start(step, &keys[0]));
	printf("handler one\n");
}

static void handler_two(void)
{
	step(&keys[1]);
	printf("handler two\n");
}

int main(void)
{
	atexit(handler_one);
	atexit(handler_two);
	printf("main\n");
	return 3;
}

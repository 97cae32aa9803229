/* SPDX-License-Identifier: MIT */
/*
 * Two locks in a frame that has returned, and two others in the next call's.
 *
 * expect: nothing
 */
#include "again_there.h"

static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;

static __attribute__((noinline)) void *frame(void)
{
	struct pair pair;

	pair_use(pair_begin(&pair));
	return (void *)((uintptr_t)&pair ^ 1);
}

int main(void)
{
	void *first, *second;

	pair_threads();
	first = frame();
	/* From up here it is seen that the frame is gone. */
	pthread_mutex_lock(&other);
	pthread_mutex_unlock(&other);
	second = frame();
	must(first == second, "get the same address");
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Two locks on the stack of a thread that has ended, and two others on that
 * of the next one, which is given the same stack.  Neither thread takes them.
 *
 * expect: nothing
 */
#include "again_there.h"

static void *body(void *unused)
{
	struct pair pair;

	(void)unused;
	pair_use(pair_begin(&pair));
	return (void *)((uintptr_t)&pair ^ 1);
}

int main(void)
{
	void *first, *second;

	pair_threads();
	first = thread_end(thread_start(body, NULL));
	second = thread_end(thread_start(body, NULL));
	must(first == second, "get the same address");
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Two locks in the thread-local storage of a thread that has ended, and two
 * others in that of the next one, which is given the same stack and with it
 * the same storage.  Neither thread takes them itself.
 *
 * expect: nothing
 */
#include "again_there.h"

static __thread struct pair own;

static void *body(void *unused)
{
	(void)unused;
	pair_use(pair_begin(&own));
	return &own;
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

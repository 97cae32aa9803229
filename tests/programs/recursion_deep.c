/* SPDX-License-Identifier: MIT */
/*
 * Two thousand locks held at once, each taken one call deeper; and one
 * recursive lock taken as often, always inside the first of them.
 *
 * expect: perf-overlock
 */
#include "program.h"

#define DEPTH 2000

static pthread_mutex_t m[DEPTH];
static pthread_mutex_t r = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

__attribute__((noinline)) static int descend(int depth)
{
	int below = 0;

	if (depth == DEPTH)
		return 0;
	pthread_mutex_lock(&m[depth]);
	pthread_mutex_lock(&r);
	below = descend(depth + 1);
	pthread_mutex_unlock(&r);
	pthread_mutex_unlock(&m[depth]);
	return below + 1;
}

static void *body(void *unused)
{
	for (int i = 0; i < 5; i++)
		must(descend(0) == DEPTH, "descend");
	return unused;
}

int main(void)
{
	body(NULL);
	thread_end(thread_start(body, NULL));
	printf("%d locks\n", DEPTH);
	return 0;
}

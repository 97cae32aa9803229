/* SPDX-License-Identifier: MIT */
/*
 * Five thousand threads, one after the other and a few at a time.  What a
 * dead thread leaves of its room in the trace is used by the next ones: the
 * trace stays below 16 MiB.
 *
 * trace-max-bytes: 16777216
 * expect: nothing
 * allow: perf-hot
 */
#include "program.h"

#define AT_ONCE 10

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int n;

static void *body(void *unused)
{
	pthread_mutex_lock(&m);
	n++;
	pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	pthread_t t[AT_ONCE];

	for (int i = 0; i < 5000 / AT_ONCE; i++) {
		for (int j = 0; j < AT_ONCE; j++)
			t[j] = thread_start(body, NULL);
		for (int j = 0; j < AT_ONCE; j++)
			thread_end(t[j]);
	}
	IS(5000, n);
	return 0;
}

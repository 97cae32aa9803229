/* SPDX-License-Identifier: MIT */
/*
 * A threaded program that replaces itself while its threads run and a lock
 * is held.
 *
 * traces: 2
 * expect: nothing
 * allow: perf-hot
 * allow: perf-hot
 */
#include "again.h"

static void *busy(void *unused)
{
	for (;;)
		again_body(NULL);
	return unused;
}

int main(int argc, char **argv)
{
	static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
	static char word[] = "again";
	char *args[] = { argv[0], word, NULL };

	again_second(argc, argv);
	thread_start(busy, NULL);
	again_body(NULL);
	pthread_mutex_lock(&held);
	fflush(stdout);
	execv(argv[0], args);
	return 1;
}

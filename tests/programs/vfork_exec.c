/* SPDX-License-Identifier: MIT */
/*
 * vfork and exec, from a threaded program; a vfork whose exec fails.
 *
 * traces: 2
 * expect: nothing
 * allow: perf-hot
 * allow: perf-hot
 */
#include "again.h"

static int stop;

static void *busy(void *unused)
{
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
		again_body(NULL);
	return unused;
}

static pid_t run(char *path)
{
	static char word[] = "again";
	char *args[] = { path, word, NULL };
	pid_t pid = vfork();

	if (pid == 0) {
		execv(path, args);
		_exit(9);
	}
	must(pid > 0, "vfork");
	return pid;
}

int main(int argc, char **argv)
{
	static char nowhere[] = "/nowhere/at/all";
	pthread_t t;

	again_second(argc, argv);
	t = thread_start(busy, NULL);
	again_body(NULL);
	fflush(stdout);
	again_expect(run(argv[0]), 7);
	again_expect(run(nowhere), 9);
	again_body(NULL);
	stop = 1;
	thread_end(t);
	return 0;
}

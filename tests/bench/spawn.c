/* SPDX-License-Identifier: MIT */
/*
 * spawn TIMES [NAME=VALUE]... PROGRAM [ARGUMENT]...: runs a program so many
 * times, its output thrown away; prints the time that passed and the CPU time
 * the program spent itself, each per run, and the most memory that one had.
 */
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "bench.h"

extern char **environ;

static double user_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return (double)u.ru_utime.tv_sec * 1e3 +
	       (double)u.ru_utime.tv_usec / 1e3;
}

int main(int argc, char **argv)
{
	long times = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
	posix_spawn_file_actions_t actions;
	struct rusage all;
	double start, user;
	int at = 2;

	for (; at < argc && strchr(argv[at], '='); at++)
		putenv(argv[at]);
	if (times <= 0 || at >= argc) {
		fputs("usage: spawn TIMES [NAME=VALUE]... PROGRAM ...\n",
		      stderr);
		return 2;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	start = bench_ns(CLOCK_MONOTONIC);
	user = user_ms();
	for (long i = 0; i < times; i++) {
		int status;
		pid_t pid;

		bench_must(!posix_spawnp(&pid, argv[at], &actions, NULL,
					 argv + at, environ) &&
				   waitpid(pid, &status, 0) == pid &&
				   status == 0,
			   argv[at]);
	}
	bench_say("run",
		  (bench_ns(CLOCK_MONOTONIC) - start) / 1e6 / (double)times,
		  "ms");
	bench_say("user", (user_ms() - user) / (double)times, "ms");
	getrusage(RUSAGE_CHILDREN, &all);
	bench_say("memory", (double)all.ru_maxrss / 1024, "MiB");
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * posix_spawn, with actions on descriptors; and one that fails.
 *
 * traces: 2
 * expect: nothing
 * allow: perf-hot
 */
#include "again.h"

extern char **environ;

int main(int argc, char **argv)
{
	static char word[] = "again";
	char *args[] = { argv[0], word, NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid;

	again_second(argc, argv);
	again_body(NULL);
	fflush(stdout);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", 0, 0);
	for (int fd = 3; fd < 100; fd++)
		posix_spawn_file_actions_addclose(&actions, fd);
	IS(0, posix_spawn(&pid, argv[0], &actions, NULL, args, environ));
	again_expect(pid, 7);
	IS(ENOENT,
	   posix_spawn(&pid, "/nowhere/at/all", NULL, NULL, args, environ));
	posix_spawn_file_actions_destroy(&actions);
	again_body(NULL);
	return 0;
}

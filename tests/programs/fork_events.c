/* SPDX-License-Identifier: MIT */
/*
 * Processes made in all ways but one are seen, and those that were not made;
 * a child's pid is given where it is asked for.  vfork() is not seen, and what
 * clone(CLONE_VM) makes is no fork.
 *
 * traces: 3
 * expect: nothing
 * events: FORK FORKED
 * event: 1 FORK fork
 * event: 1 FORKED fork
 * event: 1 FORK _Fork
 * event: 1 FORKED _Fork
 * event: 1 FORK posix_spawn
 * event: 1 FORKED posix_spawn
 * event: 1 FORK posix_spawnp
 * event: 1 FORKED posix_spawnp
 * event: 1 FORK posix_spawn
 * event: 1 FORK clone
 * event: 1 FORKED clone
 * event: 1 FORK clone
 */
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "program.h"

static char *const no_arguments[] = { (char *)"true", NULL };

static void ends(pid_t pid)
{
	int status;

	must(waitpid(pid, &status, 0) == pid, "wait");
	IS(0, status);
}

static int end_at_once(void *status)
{
	_exit(*(int *)status);
}

static void with_clone(void)
{
	static char stack[16384] __attribute__((aligned(16)));
	char *top = stack + sizeof(stack);
	int status = 0;

	ends(clone(end_at_once, top, SIGCHLD, &status));
	ends(clone(end_at_once, top, CLONE_VM | CLONE_VFORK | SIGCHLD,
		   &status));
	FAILS(EINVAL, clone(end_at_once, top, CLONE_THREAD, &status));
}

int main(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(0);
	ends(pid);
	fflush(stdout);
	pid = _Fork();
	if (pid == 0)
		_exit(0);
	ends(pid);

	IS(0,
	   posix_spawn(&pid, "/bin/true", NULL, NULL, no_arguments, environ));
	ends(pid);
	IS(0, posix_spawnp(NULL, "true", NULL, NULL, no_arguments, environ));
	IS(1, wait(NULL) > 0);
	pid = -1;
	IS(ENOENT, posix_spawn(&pid, "/no/such/file", NULL, NULL, no_arguments,
			       environ));
	IS(-1, pid);
	with_clone();
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A process and a thread, made by clone(2) in this one's memory and without
 * thread-local storage of their own: libc and the recorder find their maker's.
 * They and their maker lock at the same time.  What they do is not recorded,
 * and harms nothing.
 *
 * loss: may
 * locks: 2
 * expect: nothing
 */
#include <sys/wait.h>

#include "clone.h"

static int run(void *unused)
{
	(void)unused;
	run_beside();
	return 5;
}

static int start(int flags)
{
	char *stack = new_stack();
	int id = clone(run, stack, flags, NULL);

	go_on_beside(id);
	return id;
}

int main(void)
{
	int pid = start(CLONE_VM | SIGCHLD), status;

	must(waitpid(pid, &status, 0) == pid, "wait");
	IS(5, WEXITSTATUS(status));
	start(THREAD_FLAGS);
	puts("all ended");
	return 0;
}

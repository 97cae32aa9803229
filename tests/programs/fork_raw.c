/* SPDX-License-Identifier: MIT */
/*
 * A child made by the bare system call, of which no wrapper and no handler
 * hears.  It must not write into its parent's trace, which goes on.
 *
 * traces: 2
 * expect: nothing
 */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "much.h"

int main(void)
{
	int status;
	long pid;

	much_locking(0, 1);
	pthread_mutex_lock(&much_locks[1][0]);
	fflush(stdout);
	pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	pthread_mutex_unlock(&much_locks[1][0]);
	much_locking(0, 3);
	if (!pid)
		_exit(7);
	must(waitpid((pid_t)pid, &status, 0) == pid, "wait");
	IS(7, WEXITSTATUS(status));
	much_locking(1, 3);
	/* What the arguments are is looked at, and may be nothing at all. */
	IS(-1, syscall(SYS_clone3, 8L, 64L));
	return 0;
}

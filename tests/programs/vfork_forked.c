/* SPDX-License-Identifier: MIT */
/*
 * A forked child calls vfork() before it has done anything that is recorded.
 * The trace is to be its own, not that of its short-lived child, which does
 * something first: a lock more would be in it.
 *
 * traces: 2
 * locks: 2
 * expect: nothing
 */
#include <sys/wait.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t of_the_last = PTHREAD_MUTEX_INITIALIZER;

static void use(pthread_mutex_t *lock)
{
	pthread_mutex_lock(lock);
	pthread_mutex_unlock(lock);
}

static void ends(pid_t pid)
{
	int status;

	must(waitpid(pid, &status, 0) == pid, "wait");
	must(status == 0, "have a child end well");
}

static void in_child(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		use(&of_the_last);
		_exit(0);
	}
	ends(pid);
	use(&m);
}

int main(void)
{
	pid_t pid;

	use(&m);
	pid = fork();
	if (pid == 0) {
		in_child();
		_exit(0);
	}
	ends(pid);
	use(&m);
	puts("all ended");
	return 0;
}

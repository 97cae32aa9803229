/* SPDX-License-Identifier: MIT */
/*
 * Children of children, made by fork() and _Fork(), each with locks held by
 * the forking thread over the fork; all end by _exit().
 *
 * traces: 4
 * expect: nothing
 */
#include <sys/wait.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void generation(int left)
{
	int status;
	pid_t pid;

	pthread_mutex_lock(&m);
	fflush(stdout);
	pid = left % 2 ? fork() : _Fork();
	pthread_mutex_unlock(&m);
	for (int i = 0; i < 100; i++) {
		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
	}
	if (!pid) {
		if (left > 1)
			generation(left - 1);
		fflush(stdout);
		_exit(left);
	}
	must(waitpid(pid, &status, 0) == pid, "wait");
	IS(left, WEXITSTATUS(status));
}

int main(void)
{
	generation(3);
	fflush(stdout);
	_exit(6);
}

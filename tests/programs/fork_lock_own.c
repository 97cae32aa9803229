/* SPDX-License-Identifier: MIT */
/*
 * Another thread holds a mutex while the process forks, and the child leaves
 * it alone; what the forking thread holds itself it may use on both sides.
 *
 * traces: 2
 * expect: nothing
 */
#include <sys/wait.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;
static int held;
static int done;

static void *holder(void *unused)
{
	pthread_mutex_lock(&m);
	meet(&held, 2);
	meet(&done, 2);
	pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(holder, NULL);
	pid_t pid;
	int status;

	meet(&held, 2);
	pthread_mutex_lock(&own);
	fflush(stdout);
	pid = fork();
	pthread_mutex_unlock(&own);
	if (pid == 0) {
		pthread_mutex_lock(&own);
		pthread_mutex_unlock(&own);
		_exit(5);
	}
	must(waitpid(pid, &status, 0) == pid, "wait for the child");
	IS(5, WEXITSTATUS(status));
	meet(&done, 2);
	thread_end(t);
	return 0;
}

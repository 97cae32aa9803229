/* SPDX-License-Identifier: MIT */
/*
 * A mutex is initialised again after it was destroyed; memory that was a
 * mutex's becomes another one's; and a mutex is initialised again in a forked
 * child.
 *
 * expect: nothing
 * traces: 2
 */
#include <sys/wait.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void *user(void *unused)
{
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	return unused;
}

static void use_own(void)
{
	pthread_mutex_t own;

	pthread_mutex_init(&own, NULL);
	pthread_mutex_lock(&own);
	pthread_mutex_unlock(&own);
}

static void use_in_child(void)
{
	pid_t child = fork();
	int status;

	must(child >= 0, "fork");
	if (child == 0) {
		user(NULL);
		pthread_mutex_init(&m, NULL);
		user(NULL);
		_exit(0);
	}
	must(waitpid(child, &status, 0) == child, "wait");
	IS(0, status);
}

int main(void)
{
	thread_end(thread_start(user, NULL));
	IS(0, pthread_mutex_destroy(&m));
	IS(0, pthread_mutex_init(&m, NULL));
	thread_end(thread_start(user, NULL));
	use_own();
	use_own();
	fflush(stdout);
	use_in_child();
	return 0;
}

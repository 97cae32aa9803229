/* SPDX-License-Identifier: MIT */
/*
 * Fork handlers that take a program's locks before and give them back after,
 * in parent and child: the child releases what its parent took.
 *
 * traces: 2
 * expect: nothing
 * allow: perf-hot
 */
#include <sys/wait.h>

#include "program.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
static int stop;

static void prepare(void)
{
	pthread_mutex_lock(&a);
	pthread_mutex_lock(&b);
	pthread_rwlock_rdlock(&l);
}

static void done(void)
{
	pthread_rwlock_unlock(&l);
	pthread_mutex_unlock(&b);
	pthread_mutex_unlock(&a);
}

static void *busy(void *unused)
{
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		pthread_mutex_lock(&a);
		pthread_mutex_lock(&b);
		pthread_rwlock_rdlock(&l);
		pthread_rwlock_unlock(&l);
		pthread_mutex_unlock(&b);
		pthread_mutex_unlock(&a);
		usleep(10);
	}
	return unused;
}

static void all_free(void)
{
	IS(0, pthread_mutex_lock(&a));
	IS(0, pthread_rwlock_rdlock(&l));
	IS(0, pthread_rwlock_unlock(&l));
	IS(0, pthread_mutex_unlock(&a));
}

int main(void)
{
	pthread_t t;
	pid_t pid;
	int status;

	pthread_atfork(prepare, done, done);
	t = thread_start(busy, NULL);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		all_free();
		return 5;
	}
	waitpid(pid, &status, 0);
	IS(5, WEXITSTATUS(status));
	all_free();
	stop = 1;
	thread_end(t);
	return 0;
}

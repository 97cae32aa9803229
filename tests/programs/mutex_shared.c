/* SPDX-License-Identifier: MIT */
/*
 * Process-shared mutexes: the other process sees them busy, waits for them,
 * and is told when their owner was killed.
 *
 * traces: 3
 * expect: nothing
 * allow: perf-hot
 * allow: perf-hot
 * allow: perf-hot
 */
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "program.h"

static struct shared {
	pthread_mutex_t plain;
	pthread_mutex_t robust;
	sem_t ready;
	int value;
} * shared;

static void set_up(void)
{
	pthread_mutexattr_t attr;

	shared = (struct shared *)mmap(NULL, sizeof(*shared),
				       PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(shared != MAP_FAILED, "map shared memory");
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	IS(0, pthread_mutex_init(&shared->plain, &attr));
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	IS(0, pthread_mutex_init(&shared->robust, &attr));
	IS(0, sem_init(&shared->ready, 1, 0));
}

static void child_waits(void)
{
	IS(EBUSY, pthread_mutex_trylock(&shared->plain));
	sem_post(&shared->ready);
	pthread_mutex_lock(&shared->plain);
	IS(7, shared->value);
	shared->value = 8;
	IS(0, pthread_mutex_unlock(&shared->plain));
	exit(0);
}

static void child_dies(void)
{
	pthread_mutex_lock(&shared->robust);
	kill(getpid(), SIGKILL);
}

int main(void)
{
	pid_t pid;
	int status;

	set_up();
	pthread_mutex_lock(&shared->plain);
	fflush(stdout);
	pid = fork();
	if (!pid)
		child_waits();
	sem_wait(&shared->ready);
	shared->value = 7;
	pthread_mutex_unlock(&shared->plain);
	waitpid(pid, &status, 0);
	IS(0, status);
	IS(8, shared->value);

	fflush(stdout);
	pid = fork();
	if (!pid)
		child_dies();
	waitpid(pid, &status, 0);
	IS(SIGKILL, WTERMSIG(status));
	IS(EOWNERDEAD, pthread_mutex_lock(&shared->robust));
	IS(0, pthread_mutex_consistent(&shared->robust));
	IS(0, pthread_mutex_unlock(&shared->robust));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A child of vfork() takes locks, gives one up that its maker took, and leaves
 * one taken: the memory is the same, and so is the thread, as libc sees it.
 * It closes all descriptors, and what it does fills the trace's last chunk;
 * its maker's trace goes on.
 *
 * expect: nothing
 * events: DESTROY RELEASE
 * event: 1 RELEASE mutex#1 pthread_mutex_unlock
 * event: 1 RELEASE mutex#2 pthread_mutex_unlock
 * event: 1 DESTROY mutex#1 pthread_mutex_destroy
 * event: 1 DESTROY mutex#2 pthread_mutex_destroy
 */
#include <semaphore.h>
#include <sys/wait.h>

#include "program.h"

static pthread_mutex_t taken_before = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t left_taken = PTHREAD_MUTEX_INITIALIZER;
static sem_t places;

/* Many events, of which the test's list shows none. */
static void fill(void)
{
	for (int i = 0; i < 50000; i++) {
		sem_post(&places);
		sem_wait(&places);
	}
}

int main(void)
{
	int status;
	pid_t pid;

	pthread_mutex_lock(&taken_before);
	IS(0, sem_init(&places, 0, 0));
	pid = vfork();
	if (pid == 0) {
		pthread_mutex_unlock(&taken_before);
		pthread_mutex_lock(&left_taken);
		for (int fd = 3; fd < 1024; fd++)
			close(fd);
		fill();
		_exit(3);
	}
	must(waitpid(pid, &status, 0) == pid, "wait");
	IS(3, WEXITSTATUS(status));
	fill();
	IS(0, pthread_mutex_unlock(&left_taken));
	IS(0, pthread_mutex_destroy(&taken_before));
	IS(0, pthread_mutex_destroy(&left_taken));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Named semaphores: made, found, shared, refused.
 *
 * traces: 2
 * expect: nothing
 * allow: perf-hot
 */
#include <fcntl.h>
#include <semaphore.h>
#include <sys/wait.h>

#include "program.h"

int main(void)
{
	char name[64];
	sem_t *s;
	sem_t *again;
	int status;
	pid_t pid;

	snprintf(name, sizeof(name), "/cmshim-test-%d", (int)getpid());
	must(sem_open(name, 0) == SEM_FAILED, "miss it");
	IS(ENOENT, errno);
	s = sem_open(name, O_CREAT | O_EXCL, 0600, 1);
	must(s != SEM_FAILED, "make a named semaphore");
	must(sem_open(name, O_CREAT | O_EXCL, 0600, 1) == SEM_FAILED, "fail");
	IS(EEXIST, errno);
	again = sem_open(name, 0);
	IS(1, again == s);
	FAILS(0, sem_wait(s));
	FAILS(EAGAIN, sem_trywait(again));

	fflush(stdout);
	pid = fork();
	if (!pid) {
		FAILS(EAGAIN, sem_trywait(s));
		FAILS(0, sem_post(s));
		exit(0);
	}
	FAILS(0, sem_wait(s));
	waitpid(pid, &status, 0);
	IS(0, status);
	FAILS(0, sem_close(again));
	FAILS(0, sem_close(s));
	FAILS(0, sem_unlink(name));
	FAILS(ENOENT, sem_unlink(name));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * For programs that deadlock on purpose: the deadlock happens in a child,
 * and the parent kills it when it is surely stuck.
 *
 * Surely: every thread that matters has said that its next step is the one
 * that blocks, and then all threads of the child are seen inside the futex
 * system call at once.  None of them can wake another any more.
 */
#ifndef TESTS_STUCK_H
#define TESTS_STUCK_H

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "program.h"

static int stuck_pipe[2];

/* In the child: the next call of this thread is expected not to return. */
static inline void stuck_next(void)
{
	must(write(stuck_pipe[1], "", 1) == 1, "write to the pipe");
}

static inline int task_in_futex(const char *path)
{
	FILE *f = fopen(path, "r");
	long number = -1;

	if (!f)
		return 0;
	if (fscanf(f, "%ld", &number) != 1)
		number = -1; /* "running" */
	fclose(f);
	return number == SYS_futex;
}

static inline int all_in_futex(pid_t pid)
{
	char path[320];
	DIR *tasks;
	struct dirent *entry;
	int all = 1;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	must(tasks != NULL, "list the child's threads");
	while (all && (entry = readdir(tasks))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%s/syscall",
			 (int)pid, entry->d_name);
		all = task_in_futex(path);
	}
	closedir(tasks);
	return all;
}

/*
 * Runs deadlock() in a child, waits until n of its threads have called
 * stuck_next() and all of them are stuck, kills it and says how it ended.
 */
static inline void run_until_stuck(void (*deadlock)(void), int n)
{
	char byte;
	pid_t pid;
	int status;

	must(pipe(stuck_pipe) == 0, "make a pipe");
	fflush(stdout);
	pid = fork();
	must(pid >= 0, "fork");
	if (pid == 0) {
		deadlock();
		_exit(1);
	}
	while (n-- > 0)
		must(read(stuck_pipe[0], &byte, 1) == 1, "read the pipe");
	while (!all_in_futex(pid))
		if (waitpid(pid, &status, WNOHANG) == pid) {
			printf("it was not stuck: status %d\n", status);
			return;
		}
	kill(pid, SIGKILL);
	must(waitpid(pid, &status, 0) == pid, "wait for the child");
	printf("killed: %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

#endif

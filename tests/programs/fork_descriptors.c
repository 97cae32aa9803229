/* SPDX-License-Identifier: MIT */
/*
 * Each generation of a family of processes has as many descriptors as the one
 * before.
 *
 * traces: 10
 * expect: nothing
 */
#include <dirent.h>
#include <sys/wait.h>

#include "program.h"

#define GENERATIONS 9

static int count(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int n = 0;

	must(folder != NULL, "list descriptors");
	while (readdir(folder))
		n++;
	closedir(folder);
	return n;
}

int main(void)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	int before = 0;

	for (int i = 0; i <= GENERATIONS; i++) {
		pid_t pid;

		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
		if (!i)
			before = count();
		if (i == GENERATIONS)
			break;
		pid = fork();
		if (pid) {
			must(waitpid(pid, NULL, 0) == pid, "wait");
			_exit(0);
		}
	}
	SHOW(count() - before);
	return 0;
}

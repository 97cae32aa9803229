/* SPDX-License-Identifier: MIT */
/*
 * A daemon that shows a title: it moves its environment away and writes over
 * what was there.  The child's trace has its name all the same.
 *
 * traces: 2
 * expect: nothing
 */
#include <string.h>
#include <sys/wait.h>

#include "program.h"

extern char **environ;

int main(void)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	static char *moved[1024];
	char **old = environ;
	pid_t pid;

	for (int i = 0; old[i] && i < 1023; i++)
		moved[i] = strdup(old[i]);
	environ = moved;
	for (int i = 0; old[i]; i++)
		memset(old[i], 'x', strlen(old[i]));
	pid = fork();
	if (!pid) {
		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
		_exit(0);
	}
	must(waitpid(pid, NULL, 0) == pid, "wait");
	puts("done");
	return 0;
}

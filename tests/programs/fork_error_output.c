/* SPDX-License-Identifier: MIT */
/*
 * A daemon's descriptor 2 is a file of its own.  Its child can have no trace;
 * what there is to say about that is not to be said in that file.
 *
 * expect: nothing
 */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "program.h"

int main(void)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	FILE *own = tmpfile();
	struct stat st;
	pid_t pid;

	must(own && dup2(fileno(own), 2) == 2, "take descriptor 2");
	pid = fork();
	if (!pid) {
		struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_NOFILE, &none);
		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
		_exit(0);
	}
	must(waitpid(pid, NULL, 0) == pid, "wait");
	must(fstat(2, &st) == 0, "look at the file");
	IS(0, st.st_size);
	return 0;
}

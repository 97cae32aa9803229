/* SPDX-License-Identifier: MIT */
/*
 * A daemon closes every descriptor it did not open, as daemons do; the
 * numbers come again for a file of its own.  It goes on locking, much, from
 * many places; its file must not be written to by anybody else.
 *
 * The process in between, which only forks, does nothing to leave a trace of.
 *
 * traces: 2
 * loss: may
 * expect: nothing
 * allow: perf-hot
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "program.h"

#define LOCKS 4000

static pthread_mutex_t locks[LOCKS];
static int fds[64];
static int n_fds;

static void list_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	must(dir != NULL, "list descriptors");
	while ((entry = readdir(dir)) && n_fds < 64) {
		long fd = strtol(entry->d_name, NULL, 10);

		if (fd > 2)
			fds[n_fds++] = (int)fd;
	}
	closedir(dir);
}

/* Closes them all and opens path at their numbers. */
static void replace_descriptors(const char *path)
{
	int file;

	for (int fd = 3; fd < 1024; fd++)
		close(fd);
	for (int i = 0; i < n_fds; i++)
		close(fds[i]);
	file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	must(file >= 0, "open a file");
	must(write(file, "content\n", 8) == 8, "write");
	for (int i = 0; i < n_fds; i++)
		must(dup2(file, fds[i]) == fds[i], "dup2");
}

static void *lock_much(void *unused)
{
	for (int round = 0; round < 20; round++)
		for (int i = 0; i < LOCKS; i++) {
			pthread_mutex_lock(&locks[i]);
			pthread_mutex_unlock(&locks[i]);
		}
	return unused;
}

static int daemon_main(void)
{
	char path[] = "/tmp/cmshim-test-XXXXXX";
	struct stat st;
	pthread_t t;

	close(mkstemp(path));
	list_descriptors();
	replace_descriptors(path);
	t = thread_start(lock_much, NULL);
	lock_much(NULL);
	thread_end(t);

	must(stat(path, &st) == 0, "stat");
	IS(8, st.st_size);
	unlink(path);
	return 0;
}

int main(void)
{
	int status;
	pid_t pid;

	/* the daemon becomes our child when its parent ends */
	must(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0, "adopt orphans");
	for (int i = 0; i < LOCKS; i++)
		pthread_mutex_init(&locks[i], NULL);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		must(daemon(1, 1) == 0, "become a daemon");
		return daemon_main();
	}
	must(waitpid(pid, &status, 0) == pid, "wait");
	IS(0, status);
	fflush(stdout);
	while (waitpid(-1, &status, 0) > 0)
		IS(0, status);
	return 0;
}

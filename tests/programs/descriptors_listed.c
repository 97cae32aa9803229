/* SPDX-License-Identifier: MIT */
/*
 * A program under the usual limit of 1024 descriptors looks at every number
 * that it may have open: it finds what it was given and nothing else.
 *
 * traces: 2
 * expect: nothing
 */
#include <sys/resource.h>
#include <sys/stat.h>

#include "program.h"

int main(int argc, char **argv)
{
	struct rlimit limit;
	struct stat st;

	if (argc == 1) {
		must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "get the limit");
		limit.rlim_cur = 1024;
		must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "set the limit");
		execl(argv[0], argv[0], "limited", (char *)NULL);
		must(0, "exec");
	}
	for (int fd = 0; fd < sysconf(_SC_OPEN_MAX); fd++)
		if (fstat(fd, &st) == 0)
			printf("%d is open\n", fd);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* See newest.h. */
#include "newest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_trace_name(const char *name)
{
	static const char first[] = "cmshim.", last[] = ".trace";
	size_t n = strlen(name);

	return n > strlen(first) + strlen(last) &&
	       strncmp(name, first, strlen(first)) == 0 &&
	       strcmp(name + n - strlen(last), last) == 0;
}

static bool is_later(const struct timespec *a, const struct timespec *b)
{
	if (a->tv_sec != b->tv_sec)
		return a->tv_sec > b->tv_sec;
	return a->tv_nsec > b->tv_nsec;
}

char *newest_trace(void)
{
	DIR *folder = opendir(".");
	struct dirent *entry;
	struct timespec newest = { 0 };
	char *name = NULL;

	if (!folder)
		return NULL;
	while ((entry = readdir(folder))) {
		struct stat st;

		if (!is_trace_name(entry->d_name) ||
		    fstatat(dirfd(folder), entry->d_name, &st, 0) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		/* Of two of the same instant always the same one. */
		if (name && !is_later(&st.st_mtim, &newest) &&
		    (is_later(&newest, &st.st_mtim) ||
		     strcmp(entry->d_name, name) <= 0))
			continue;
		free(name);
		name = strdup(entry->d_name);
		newest = st.st_mtim;
	}
	closedir(folder);
	if (!name)
		errno = ENOENT;
	return name;
}

/* SPDX-License-Identifier: MIT */
/*
 * See output.h.  The stream writes through a function of ours because stdio
 * says that something failed, but not for what reason once more was written.
 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static ssize_t write_all(void *cookie, const char *bytes, size_t n)
{
	struct output *output = cookie;
	size_t done = 0;

	while (done < n && !output->error) {
		ssize_t r = write(output->fd, bytes + done, n - done);

		if (r < 0 && errno != EINTR)
			output->error = errno;
		else if (r > 0)
			done += (size_t)r;
	}
	return output->error ? 0 : (ssize_t)n;
}

static int open_stream(struct output *output)
{
	const cookie_io_functions_t functions = { .write = write_all };

	output->stream = fopencookie(output, "w", functions);
	return output->stream ? 0 : ENOMEM;
}

/* What a link leads to is what is replaced, not the link. */
static char *final_path(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : strdup(path);
}

/* As open(2) would have made it, or as the file that is replaced. */
static mode_t mode_for(const char *path)
{
	struct stat st;
	mode_t mask;

	if (stat(path, &st) == 0)
		return st.st_mode & 0777;
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static int open_temporary(struct output *output, const char *path)
{
	int error = 0;

	output->path = final_path(path);
	if (!output->path ||
	    asprintf(&output->temporary, "%s.XXXXXX", output->path) < 0) {
		output->temporary = NULL;
		error = ENOMEM;
	} else {
		output->fd = mkostemp(output->temporary, O_CLOEXEC);
		if (output->fd < 0)
			error = errno;
		else if (fchmod(output->fd, mode_for(output->path)) < 0)
			error = errno;
	}
	if (error && output->fd >= 0) {
		unlink(output->temporary);
		close(output->fd);
	}
	if (error) {
		free(output->path);
		free(output->temporary);
	}
	return error;
}

/* Also by another name, /dev/stdout: what is there before stays. */
static bool is_standard_output(const char *path)
{
	struct stat a, b;

	if (!path || strcmp(path, "-") == 0)
		return true;
	return stat(path, &a) == 0 && fstat(STDOUT_FILENO, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int output_open(struct output *output, const char *path)
{
	struct stat st;
	int error = 0;

	*output = (struct output){ .fd = -1 };
	/* A pipe that is closed is an error to report, not a signal. */
	signal(SIGPIPE, SIG_IGN);

	if (is_standard_output(path)) {
		output->fd = STDOUT_FILENO;
	} else if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		output->fd = open(path, O_WRONLY | O_CLOEXEC);
		if (output->fd < 0)
			error = errno;
	} else {
		error = open_temporary(output, path);
	}
	return error ? error : open_stream(output);
}

static void run_pager(const char *pager, int from)
{
	dup2(from, STDIN_FILENO);
	signal(SIGPIPE, SIG_DFL);
	/* Quit if it fits on a screen, keep colours, leave it on the screen. */
	setenv("LESS", "FRX", 0);
	execl("/bin/sh", "sh", "-c", pager, (char *)NULL);
	_exit(127);
}

/* less is not everywhere, and a missing one would swallow the report. */
static bool has_program(const char *name)
{
	const char *folders = getenv("PATH");

	while (folders && *folders) {
		size_t n = strcspn(folders, ":");
		char *path;
		bool is_there = false;

		if (asprintf(&path, "%.*s/%s", (int)n, folders, name) >= 0) {
			is_there = access(path, X_OK) == 0;
			free(path);
		}
		if (is_there)
			return true;
		folders += n + (folders[n] == ':');
	}
	return false;
}

static const char *pager_command(void)
{
	const char *pager = getenv("PAGER");

	if (!pager)
		return has_program("less") ? "less" : NULL;
	return *pager && strcmp(pager, "cat") != 0 ? pager : NULL;
}

int output_open_pager(struct output *output)
{
	const char *pager = pager_command();
	int ends[2];

	if (!pager)
		return output_open(output, NULL);

	*output = (struct output){ .fd = -1 };
	signal(SIGPIPE, SIG_IGN);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	output->pager = fork();
	if (output->pager == 0)
		run_pager(pager, ends[0]);
	close(ends[0]);
	if (output->pager < 0) {
		close(ends[1]);
		return output_open(output, NULL);
	}
	output->fd = ends[1];
	/* Ctrl-C in the pager is the pager's. */
	signal(SIGINT, SIG_IGN);
	return open_stream(output);
}

static void end_pager(struct output *output)
{
	while (waitpid(output->pager, NULL, 0) < 0 && errno == EINTR)
		;
	signal(SIGINT, SIG_DFL);
	if (output->error == EPIPE)
		output->error = 0;
}

int output_close(struct output *output, bool keep)
{
	fclose(output->stream); /* errors: see write_all() */
	if (close(output->fd) < 0 && errno != EINTR && !output->error)
		output->error = errno;
	if (output->pager)
		end_pager(output);
	if (output->path) {
		if (keep && !output->error &&
		    rename(output->temporary, output->path) < 0)
			output->error = errno;
		if (!keep || output->error)
			unlink(output->temporary);
		free(output->path);
		free(output->temporary);
	}
	return output->error;
}

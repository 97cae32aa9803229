/* SPDX-License-Identifier: MIT */
#include "left.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmshim/trace.h"
#include "trace/trace.h"

/* Counting events means reading them: not of traces longer than this in
   all, which would take more than about a second. */
#define MAX_COUNTED_BYTES (64u << 20)
#define MAX_SHOWN	  20

struct left {
	char *path;
	struct cmshim_header head;
	uint64_t bytes;
	bool ours; /* of the process or a descendant */
};

struct found {
	struct left *all;
	size_t n;
};

/* The template as a pattern for glob(3), with `more` behind it. */
static char *pattern_of(const char *template, const char *more)
{
	const char *folder = "cmshim.%e.%p.trace";
	size_t n = strlen(template);
	char *pattern = malloc(2 * (n + strlen(folder)) + strlen(more) + 1);
	char *to = pattern;

	if (!pattern)
		return NULL;
	for (const char *c = template;; c++) {
		if (!*c && c == template + n && n && c[-1] == '/')
			c = folder;
		if (!*c)
			break;
		if (*c == '%' && (c[1] == 'e' || c[1] == 'p')) {
			*to++ = '*';
			c++;
		} else {
			if (*c == '%' && c[1] == '%')
				c++;
			if (strchr("*?[]\\", *c))
				*to++ = '\\';
			*to++ = *c;
		}
	}
	memcpy(to, more, strlen(more) + 1);
	return pattern;
}

static bool read_header(struct left *left, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	bool good;

	if (fd < 0)
		return false;
	good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       pread(fd, &left->head, sizeof(left->head), 0) ==
		       (ssize_t)sizeof(left->head) &&
	       memcmp(left->head.magic, CMSHIM_TRACE_MAGIC, 8) == 0 &&
	       left->head.byte_order == CMSHIM_BYTE_ORDER;
	left->bytes = good ? (uint64_t)st.st_size : 0;
	close(fd);
	return good;
}

/* Adds what glob(3) finds and began after since_ns.  One name may be found by
   both patterns. */
static void add_matches(struct found *found, char *pattern, uint64_t since_ns)
{
	glob_t names;
	struct left *all;

	if (!pattern || glob(pattern, GLOB_NOSORT, NULL, &names) != 0) {
		free(pattern);
		return;
	}
	all = reallocarray(found->all, found->n + names.gl_pathc, sizeof(*all));
	if (all)
		found->all = all;
	for (size_t i = 0; all && i < names.gl_pathc; i++) {
		struct left *left = &all[found->n];
		bool known = false;

		for (size_t k = 0; k < found->n; k++)
			if (strcmp(all[k].path, names.gl_pathv[i]) == 0)
				known = true;
		if (known || !read_header(left, names.gl_pathv[i]) ||
		    left->head.start.monotonic_ns < since_ns)
			continue;
		left->ours = false;
		left->path = strdup(names.gl_pathv[i]);
		if (left->path)
			found->n++;
	}
	globfree(&names);
	free(pattern);
}

static int by_start(const void *a, const void *b)
{
	const struct cmshim_header *x = &((const struct left *)a)->head;
	const struct cmshim_header *y = &((const struct left *)b)->head;

	if (x->start.monotonic_ns != y->start.monotonic_ns)
		return x->start.monotonic_ns < y->start.monotonic_ns ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

/*
 * Another run may have written to the same folder meanwhile: ours are those
 * of the process and of whoever was begun by one of ours.  A parent that
 * cannot be recorded breaks the chain; if that leaves none, all are taken.
 */
static void drop_others(struct found *found, pid_t pid)
{
	size_t n = 0;
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < found->n; i++) {
			struct left *left = &found->all[i];
			bool ours = left->head.pid == (uint32_t)pid ||
				    left->head.parent_pid == (uint32_t)pid;

			for (size_t k = 0; k < found->n && !ours; k++)
				ours = found->all[k].ours &&
				       found->all[k].head.pid ==
					       left->head.parent_pid;
			if (ours && !left->ours) {
				left->ours = more = true;
				n++;
			}
		}
	}
	if (n == 0)
		return;

	n = 0;
	for (size_t i = 0; i < found->n; i++)
		if (found->all[i].ours)
			found->all[n++] = found->all[i];
		else
			free(found->all[i].path);
	found->n = n;
}

/* As a name below the working directory, if it is there. */
static const char *short_name(const char *path)
{
	char *here = getcwd(NULL, 0);
	size_t n = here ? strlen(here) : 0;

	if (n > 1 && strncmp(path, here, n) == 0 && path[n] == '/')
		path += n + 1;
	free(here);
	return path;
}

/* As a word for the shell. */
static void print_word(const char *word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_./:=@%+,-";

	if (*word != '-' && word[strspn(word, plain)] == 0) {
		fputs(word, stderr);
		return;
	}
	fputs(*word == '-' ? "./'" : "'", stderr);
	for (; *word; word++)
		fputs(*word == '\'' ? "'\\''" : (char[]){ *word, 0 }, stderr);
	fputc('\'', stderr);
}

/* Writes how much is in a trace; returns that, for choosing the fullest. */
static uint64_t print_contents(const struct left *left, bool count)
{
	const uint64_t *lost = left->head.lost;
	struct trace *trace;
	struct event ev;
	const char *why;
	uint64_t n;

	if (!count) {
		fprintf(stderr, "%" PRIu64 " MiB, %" PRIu64 " events lost",
			left->bytes >> 20,
			lost[CMSHIM_LOST_EVENTS] + lost[CMSHIM_LOST_OBJECTS] +
				lost[CMSHIM_LOST_NESTED]);
		return left->bytes;
	}
	if (trace_open(&trace, left->path, &why) < 0) {
		fprintf(stderr, "cannot be read: %s", why);
		return 0;
	}
	while (trace_next(trace, &ev) > 0)
		;
	n = trace_info(trace)->n_events;
	fprintf(stderr, "%" PRIu64 " events, %" PRIu64 " lost", n,
		trace_info(trace)->n_lost);
	trace_close(trace);
	return n;
}

static bool is_alive(const struct left *left)
{
	return left->head.state == CMSHIM_RECORDING &&
	       (kill((pid_t)left->head.pid, 0) == 0 || errno == EPERM);
}

void left_tell(const char *template, pid_t pid, uint64_t since_ns)
{
	struct found found = { 0 };
	const struct left *fullest = NULL;
	uint64_t bytes = 0, most = 0;

	add_matches(&found, pattern_of(template, ""), since_ns);
	add_matches(&found, pattern_of(template, ".[0-9]*"), since_ns);
	drop_others(&found, pid);
	if (found.n)
		qsort(found.all, found.n, sizeof(*found.all), by_start);
	else
		fprintf(stderr, "cmshim: no trace was written\n");

	for (size_t i = 0; i < found.n; i++)
		bytes += found.all[i].bytes;
	for (size_t i = 0; i < found.n; i++) {
		const struct left *left = &found.all[i];
		uint64_t n;

		if (i == MAX_SHOWN) {
			fprintf(stderr, "cmshim: and %zu more traces\n",
				found.n - i);
			break;
		}
		fprintf(stderr, "cmshim: trace '%s': ", short_name(left->path));
		n = print_contents(left, bytes <= MAX_COUNTED_BYTES);
		fprintf(stderr, "%s\n",
			is_alive(left) ? ", still being recorded" : "");
		if (!fullest || n > most) {
			fullest = left;
			most = n;
		}
	}
	if (fullest) {
		fputs("cmshim: next: ", stderr);
		print_word(program_invocation_name);
		fputs(" report ", stderr);
		print_word(short_name(fullest->path));
		fputc('\n', stderr);
	}
	for (size_t i = 0; i < found.n; i++)
		free(found.all[i].path);
	free(found.all);
}

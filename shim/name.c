/* SPDX-License-Identifier: MIT */
/*
 * Several processes may want one name at the same moment: the two ends of a
 * pipe, say, in the same environment.
 *
 * - Between the creation of a file and the header in it the file is empty.
 *   Who finds such a file, and finds it young, waits a moment for the header.
 * - A finished trace is removed by one process only, which holds a lock on it
 *   and has seen that the name still leads to it.  A second one would remove
 *   the trace that the first has begun since.
 */
#include "name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "cmshim/trace.h"
#include "options.h"
#include "sys.h"

/* Survive a fork. */
static char program_path[1024];
static char started_as[sizeof(((struct cmshim_header *)0)->name)];
static char directory[1024]; /* at start; ends with '/' */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A descriptor's path, as of fexecve(3), or that of /proc/self/exe, says
   nothing. */
static void keep_started(void)
{
	const char *path = (const char *)(uintptr_t)getauxval(AT_EXECFN);

	if (!path || !*path || strncmp(path, "/dev/fd/", 8) == 0 ||
	    strncmp(path, "/proc/", 6) == 0)
		path = program_path;
	path = base_name(path);
	memcpy(started_as, path, strnlen(path, sizeof(started_as) - 1));
}

void name_prepare(void)
{
	long n = sys_call4(SYS_readlinkat, AT_FDCWD, "/proc/self/exe",
			   program_path, sizeof(program_path) - 1);

	program_path[n > 0 ? n : 0] = '\0';
	keep_started();

	n = sys_call3(SYS_getcwd, directory, sizeof(directory) - 2, 0);
	if (n < 1)
		n = 1; /* names stay relative */
	else if (directory[n - 2] != '/')
		directory[n++ - 1] = '/';
	directory[n - 1] = '\0';
}

const char *name_program(void)
{
	return program_path;
}

const char *name_started(void)
{
	return started_as;
}

/* Reads a small file of /proc whole; returns its length, or 0. */
static size_t read_small(const char *path, char *buffer, size_t room)
{
	long fd =
		sys_call4(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	long n;

	if (fd < 0)
		return 0;
	n = sys_call3(SYS_read, fd, buffer, room - 1);
	sys_call3(SYS_close, fd, 0, 0);
	if (n < 0)
		n = 0;
	buffer[n] = '\0';
	return (size_t)n;
}

uint64_t name_process_start(uint32_t pid)
{
	char path[64], stat[1024];
	struct text name = text_in(path, sizeof(path));
	uint64_t start = 0;
	const char *c;

	text_add(&name, "/proc/");
	text_add_number(&name, pid);
	text_add(&name, "/stat");
	if (!read_small(path, stat, sizeof(stat)))
		return 0;

	/* The 22nd field; the second is in brackets and may hold any. */
	c = strrchr(stat, ')');
	for (int field = 2; c && field < 22; field++)
		c = strchr(c + 1, ' ');
	if (c)
		for (c++; *c >= '0' && *c <= '9'; c++)
			start = start * 10 + (uint64_t)(*c - '0');
	return start;
}

/* Writes a template's path; returns whether the pid is in it. */
static bool expand(struct text *path, const char *template, uint32_t pid)
{
	bool has_pid = false;

	for (const char *c = template; *c; c++) {
		if (*c != '%' || !c[1]) {
			text_add_char(path, *c);
			continue;
		}
		c++;
		if (*c == 'p') {
			text_add_number(path, pid);
			has_pid = true;
		} else if (*c == 'e') {
			text_add(path, *started_as ? started_as : "unknown");
		} else if (*c == '%') {
			text_add_char(path, '%');
		} else {
			text_add_char(path, '%');
			text_add_char(path, *c);
		}
	}
	return has_pid;
}

static bool make_name(struct text *path, uint32_t pid)
{
	const char *out = options.output;
	size_t n = strlen(out);
	bool has_pid;

	if (*out != '/')
		text_add(path, directory);
	has_pid = expand(path, out, pid);
	if (n && out[n - 1] == '/')
		has_pid = expand(path, "cmshim.%e.%p.trace", pid);
	return has_pid;
}

enum found {
	FOUND_NOTHING, /* a finished trace, removed; or gone by itself */
	FOUND_LIVE,    /* or finished, and not to be removed */
	FOUND_OTHER,   /* no trace: not ours to replace */
};

/* The beginning of a header, up to process_start. */
#define HEAD_BYTES offsetof(struct cmshim_header, clock)

/* Whether the trace's process lives; it may be this one, before an exec. */
static bool is_live(const uint8_t *head, uint32_t self)
{
	uint64_t start;
	uint32_t pid;

	memcpy(&pid, head + offsetof(struct cmshim_header, pid), sizeof(pid));
	memcpy(&start, head + offsetof(struct cmshim_header, process_start),
	       sizeof(start));
	return start == name_process_start(pid) ||
	       name_process_start(self) == 0; /* nothing can be said */
}

/* A file that has no header yet, and may get one at any moment. */
static bool is_being_born(long fd)
{
	struct timespec now;
	struct stat st;

	clock_gettime(CLOCK_REALTIME, &now);
	return sys_call3(SYS_fstat, fd, &st, 0) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size <= CMSHIM_CHUNK_ALIGN &&
	       now.tv_sec - st.st_ctim.tv_sec <= 2;
}

/*
 * Reads a trace's header; waits for it up to 100 ms.  Returns how much there
 * is of it.
 */
static long read_head(long fd, uint8_t *head)
{
	const struct timespec moment = { .tv_nsec = 5000000 };
	long n;

	for (int i = 0; i < 20; i++) {
		memset(head, 0, HEAD_BYTES);
		n = sys_call4(SYS_pread64, fd, head, HEAD_BYTES, 0);
		if (head[0] || !is_being_born(fd))
			break;
		sys_call4(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &moment,
			  NULL);
	}
	return n;
}

/* Removes a finished trace, or sees another process do so.  False: it is there
   to stay. */
static bool remove_finished(const char *path, long fd)
{
	struct stat named, opened;

	/* A file system without locks: then without. */
	if (sys_call3(SYS_flock, fd, LOCK_EX | LOCK_NB, 0) == -EWOULDBLOCK ||
	    sys_call4(SYS_newfstatat, AT_FDCWD, path, &named, 0) < 0 ||
	    sys_call3(SYS_fstat, fd, &opened, 0) < 0 ||
	    named.st_dev != opened.st_dev || named.st_ino != opened.st_ino)
		return true;
	return sys_call3(SYS_unlinkat, AT_FDCWD, path, 0) == 0;
}

/* What the file is that has the wanted name. */
static enum found look_at(const char *path, uint32_t pid)
{
	enum found found = FOUND_OTHER;
	uint8_t head[HEAD_BYTES];
	struct stat st;
	long fd = sys_call4(SYS_openat, AT_FDCWD, path,
			    O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
	long n;

	if (fd < 0)
		return fd == -ENOENT ? FOUND_NOTHING : FOUND_OTHER;
	if (sys_call3(SYS_fstat, fd, &st, 0) == 0 && S_ISREG(st.st_mode)) {
		n = read_head(fd, head);
		if (n == (long)HEAD_BYTES &&
		    memcmp(head, CMSHIM_TRACE_MAGIC, 8) == 0)
			found = is_live(head, pid) ? FOUND_LIVE : FOUND_NOTHING;
		else if (n == 0)
			found = FOUND_NOTHING; /* killed early; or mktemp(1) */
	}
	if (found == FOUND_NOTHING && !remove_finished(path, fd))
		found = FOUND_LIVE;
	sys_call3(SYS_close, fd, 0, 0);
	return found;
}

long name_open(struct text *path, bool forked, uint32_t pid)
{
	bool has_pid = make_name(path, pid);
	uint32_t image = 2;

	if (forked && !has_pid) {
		text_add_char(path, '.');
		text_add_number(path, pid);
		has_pid = true;
	}

	for (int tries = 0; tries < 1000; tries++) {
		long fd = sys_call4(
			SYS_openat, AT_FDCWD, path->start,
			O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
		enum found found;

		if (fd != -EEXIST)
			return fd;
		found = look_at(path->start, pid);
		if (found == FOUND_NOTHING)
			continue;
		if (found == FOUND_OTHER || path->n + 24 > path->room)
			return -EEXIST;
		text_add_char(path, '.');
		text_add_number(path, has_pid ? image++ : pid);
		has_pid = true;
	}
	return -EEXIST;
}

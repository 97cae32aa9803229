/* SPDX-License-Identifier: MIT */
/*
 * See file.h.  What is odd here:
 *
 * - A sparse mapping on a full file system is SIGBUS in the middle of the
 *   program; fallocate(2) says ENOSPC instead.  NFSv3 and some FUSE have no
 *   fallocate (EOPNOTSUPP); there zeros are written, which says it too.
 * - A file that grows past RLIMIT_FSIZE is SIGXFSZ, deadly by default.  The
 *   limit is read again each time, and a signal that comes all the same
 *   (another thread lowered the limit meanwhile) is taken back.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "cmshim/trace.h"
#include "options.h"
#include "process.h"
#include "sys.h"
#include "text.h"

/* Above what programs use, so that ours does not shift their numbers. */
#define HIGH_DESCRIPTOR 400

/* Survives fork: what names are made of. */
static char program_path[1024];
static char directory[1024]; /* at start; ends with '/' */

/* Does not: the child has a file of its own. */
struct file {
	int fd;
	uint64_t device, inode;
	_Atomic uint64_t end; /* room given out */
	char path[2048];
};

static struct file *file;

void file_prepare(void)
{
	long n = sys_call3(SYS_readlink, "/proc/self/exe", program_path,
			   sizeof(program_path) - 1);

	program_path[n > 0 ? n : 0] = '\0';

	n = sys_call3(SYS_getcwd, directory, sizeof(directory) - 2, 0);
	if (n < 1)
		n = 1; /* names stay relative */
	else if (directory[n - 2] != '/')
		directory[n++ - 1] = '/';
	directory[n - 1] = '\0';

	file = sys_memory(sizeof(*file), 1);
}

const char *file_program(void)
{
	return program_path;
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

uint64_t file_process_start(uint32_t pid)
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

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
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
			text_add(path, *program_path ? base_name(program_path)
						     : "unknown");
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
	FOUND_FINISHED, /* a trace nobody writes any more, or nothing */
	FOUND_LIVE,
	FOUND_OURS,  /* of this process, before it called exec */
	FOUND_OTHER, /* no trace: not ours to replace */
};

/* What an existing file of the wanted name is. */
static enum found look_at(const char *path, uint32_t pid)
{
	enum found found = FOUND_OTHER;
	struct cmshim_header head;
	struct stat st;
	long n;
	long fd = sys_call4(SYS_openat, AT_FDCWD, path,
			    O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);

	if (fd < 0)
		return FOUND_OTHER;
	n = sys_call3(SYS_read, fd, &head, sizeof(head));
	if (sys_call3(SYS_fstat, fd, &st, 0) == 0 && S_ISREG(st.st_mode)) {
		if (n == 0)
			found = FOUND_FINISHED;
		else if (n == (long)sizeof(head) &&
			 memcmp(head.magic, CMSHIM_TRACE_MAGIC, 8) == 0)
			found = head.process_start !=
						file_process_start(head.pid)
					? FOUND_FINISHED
				: head.pid == pid ? FOUND_OURS
						  : FOUND_LIVE;
	}
	sys_call3(SYS_close, fd, 0, 0);
	return found;
}

static long create_exclusively(const char *path)
{
	return sys_call4(SYS_openat, AT_FDCWD, path,
			 O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY,
			 0600);
}

/* Opens a file that was not there, under the first name that is free. */
static long open_new(struct text *path, bool forked, uint32_t pid)
{
	bool has_pid = make_name(path, pid);
	long fd;

	if (forked && !has_pid) {
		text_add_char(path, '.');
		text_add_number(path, pid);
		has_pid = true;
	}

	for (uint32_t image = 2;; image++) {
		fd = create_exclusively(path->start);
		if (fd != -EEXIST)
			return fd;

		switch (look_at(path->start, pid)) {
		case FOUND_FINISHED:
			sys_call3(SYS_unlink, path->start, 0, 0);
			fd = create_exclusively(path->start);
			if (fd != -EEXIST)
				return fd;
			break;
		case FOUND_OTHER:
			return -EEXIST;
		case FOUND_LIVE:
		case FOUND_OURS:
			break;
		}
		if (path->n + 24 > path->room || image > 1000)
			return -EEXIST;
		text_add_char(path, '.');
		text_add_number(path, has_pid ? image : pid);
		has_pid = true;
	}
}

static void complain(const char *path, long error)
{
	char line[3072];
	char buffer[128];
	struct text text = text_in(line, sizeof(line));

	text_add(&text, "cmshim: cannot create '");
	text_add(&text, path);
	text_add(&text, "': ");
	text_add(&text, error == -EEXIST ? "something else has that name"
					 : strerror_r((int)-error, buffer,
						      sizeof(buffer)));
	text_add(&text, "; nothing is recorded\n");
	sys_call3(SYS_write, 2, line, text.n);
}

static bool is_ours(long fd)
{
	struct stat st;

	return sys_call3(SYS_fstat, fd, &st, 0) == 0 &&
	       st.st_dev == file->device && st.st_ino == file->inode;
}

/*
 * Keeps the descriptor where programs do not look; where so high a number is
 * not allowed, none is kept, and the file is opened each time.
 */
static void keep(long fd)
{
	file->fd =
		(int)sys_call3(SYS_fcntl, fd, F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR);
}

/*
 * A descriptor of the trace, to be given to put_descriptor().  If the program
 * closed ours, the file is opened again by its name, if that still names the
 * same file.
 */
static long get_descriptor(void)
{
	long fd;

	if (file->fd >= 0 && is_ours(file->fd))
		return file->fd;
	fd = sys_call4(SYS_openat, AT_FDCWD, file->path,
		       O_RDWR | O_CLOEXEC | O_NOCTTY, 0);
	if (fd < 0)
		return fd;
	if (!is_ours(fd)) {
		sys_call3(SYS_close, fd, 0, 0);
		return -EBADF;
	}
	keep(fd);
	return fd;
}

static void put_descriptor(long fd)
{
	if (fd != file->fd)
		sys_call3(SYS_close, fd, 0, 0);
}

static long write_zeros(long fd, uint64_t offset, size_t bytes)
{
	static const char zeros[4096];

	for (size_t done = 0; done < bytes; done += sizeof(zeros)) {
		long n = sys_call4(SYS_pwrite64, fd, zeros, sizeof(zeros),
				   offset + done);

		if (n != (long)sizeof(zeros))
			return n < 0 ? n : -ENOSPC;
	}
	return 0;
}

/* Makes [offset, offset + bytes) of the file real. */
static long make_real(long fd, uint64_t offset, size_t bytes)
{
	const uint64_t xfsz = (uint64_t)1 << (SIGXFSZ - 1);
	struct rlimit limit;
	uint64_t old = 0;
	long r;

	if (sys_call4(SYS_prlimit64, 0, RLIMIT_FSIZE, NULL, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY && offset + bytes > limit.rlim_cur)
		return -EFBIG;

	sys_call4(SYS_rt_sigprocmask, SIG_BLOCK, &xfsz, &old, sizeof(old));
	do
		r = sys_call4(SYS_fallocate, fd, 0, offset, bytes);
	while (r == -EINTR);
	if (r == -EOPNOTSUPP || r == -ENOSYS)
		r = write_zeros(fd, offset, bytes);
	if (r == -EFBIG && !(old & xfsz)) {
		const struct timespec at_once = { 0, 0 };

		sys_call4(SYS_rt_sigtimedwait, &xfsz, NULL, &at_once,
			  sizeof(xfsz));
	}
	sys_call4(SYS_rt_sigprocmask, SIG_SETMASK, &old, NULL, sizeof(old));
	return r;
}

/* The last of a file system's room is the program's, not ours. */
static bool leaves_room(long fd, size_t bytes)
{
	struct statfs fs;

	if (sys_call3(SYS_fstatfs, fd, &fs, 0) < 0 || fs.f_blocks == 0)
		return true;
	return fs.f_bavail > fs.f_blocks / 32 + bytes / (size_t)fs.f_bsize;
}

static long room_in(long fd, size_t bytes, void **out)
{
	uint64_t offset;
	void *p;
	long r;

	if (!leaves_room(fd, bytes))
		return -ENOSPC;

	/* Mapped first and then made real: where there is no address space, no
	   file is to grow.  Nothing is stored in between. */
	offset = atomic_fetch_add_explicit(&file->end, bytes,
					   memory_order_relaxed);
	p = sys_mmap(bytes, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd,
		     offset);
	r = sys_failed(p) ? (long)p : make_real(fd, offset, bytes);
	if (r < 0) {
		uint64_t after = offset + bytes;

		if (!sys_failed(p))
			sys_unmap(p, bytes);
		/* Given back, if nobody came after us. */
		atomic_compare_exchange_strong(&file->end, &after, offset);
		return r;
	}
	*out = p;
	return 0;
}

static long room_at_end(size_t bytes, void **out)
{
	long fd, r;

	if (atomic_load_explicit(&file->end, memory_order_relaxed) + bytes >
	    options.max_bytes)
		return -EFBIG;
	fd = get_descriptor();
	if (fd < 0)
		return fd;
	r = room_in(fd, bytes, out);
	put_descriptor(fd);
	return r;
}

void *file_create(bool forked, size_t bytes)
{
	uint32_t pid = (uint32_t)sys_call3(SYS_getpid, 0, 0, 0);
	struct text path;
	struct stat st;
	void *room = NULL;
	long fd, r;

	if (!file)
		return NULL;
	path = text_in(file->path, sizeof(file->path));
	fd = open_new(&path, forked, pid);
	if (fd < 0) {
		complain(file->path, fd);
		return NULL;
	}

	sys_call3(SYS_fstat, fd, &st, 0);
	file->device = st.st_dev;
	file->inode = st.st_ino;
	keep(fd);
	sys_call3(SYS_close, fd, 0, 0);

	r = room_at_end(bytes, &room);
	if (r < 0) {
		complain(file->path, r);
		sys_call3(SYS_unlink, file->path, 0, 0);
		if (file->fd >= 0)
			sys_call3(SYS_close, file->fd, 0, 0);
	}
	return room;
}

void *file_room(size_t bytes)
{
	void *room = NULL;

	if (atomic_load_explicit(&process->fenced, memory_order_relaxed))
		return NULL;
	return room_at_end(bytes, &room) < 0 ? NULL : room;
}

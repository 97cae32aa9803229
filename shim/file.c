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
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "name.h"
#include "options.h"
#include "process.h"
#include "sys.h"
#include "text.h"

/* Above what programs use, so that ours does not shift their numbers. */
#define HIGH_DESCRIPTOR 400

/* Zeroed in a forked child, which has a file of its own. */
struct file {
	int fd;
	uint64_t device, inode;
	_Atomic uint64_t end; /* room given out */
	char path[2048];
};

static struct file *file;

/* Survive a fork: the descriptor that a child finds open and is to close. */
static struct {
	int fd; /* 0: none */
	uint64_t device, inode;
} kept;

/* What descriptor 2 was at the start. */
static struct stat error_output;
static bool has_error_output;

void file_prepare(void)
{
	name_prepare();
	has_error_output = sys_call3(SYS_fstat, 2, &error_output, 0) == 0;
	file = sys_memory(sizeof(*file), 1);
}

/* strerror(3) may translate: it takes locks, which a forked child may find
   taken, and allocates. */
static void add_reason(struct text *text, long error)
{
	switch (-error) {
	case EEXIST:
		text_add(text, "something else has that name");
		break;
	case ENOENT:
		text_add(text, "No such file or directory");
		break;
	case EACCES:
	case EPERM:
		text_add(text, "Permission denied");
		break;
	case EROFS:
		text_add(text, "Read-only file system");
		break;
	case ENOSPC:
		text_add(text, "No space left on device");
		break;
	case EFBIG:
		text_add(text, "File too large");
		break;
	case EMFILE:
		text_add(text, "Too many open files");
		break;
	default:
		text_add(text, "error ");
		text_add_number(text, (uint64_t)-error);
	}
}

/* One line, once: nothing else says that there is no trace. */
static void complain(const char *path, long error)
{
	char line[3072];
	struct text text = text_in(line, sizeof(line));
	struct stat st;

	/* A forked daemon may have a file of its own there by now. */
	if (!has_error_output || sys_call3(SYS_fstat, 2, &st, 0) < 0 ||
	    st.st_dev != error_output.st_dev ||
	    st.st_ino != error_output.st_ino)
		return;
	text_add(&text, "cmshim: cannot create '");
	text_add(&text, path);
	text_add(&text, "': ");
	add_reason(&text, error);
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
 * A copy of the descriptor with a number that the program may not have itself:
 * above its limit, so that one that looks at all it may have open does not
 * meet ours.  A limit that is high is left: the kernel keeps a table up to the
 * highest number, and copies it with every fork.
 */
static long copy_above_limit(long fd)
{
	struct rlimit limit, raised;
	long copy;

	if (sys_call4(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit) < 0 ||
	    limit.rlim_cur < HIGH_DESCRIPTOR || limit.rlim_cur > 4096)
		return -EMFILE;
	raised = limit;
	raised.rlim_cur += 16;
	if (raised.rlim_max < raised.rlim_cur)
		raised.rlim_max = raised.rlim_cur;
	if (sys_call4(SYS_prlimit64, 0, RLIMIT_NOFILE, &raised, NULL) < 0)
		return -EMFILE;
	copy = sys_call3(SYS_fcntl, fd, F_DUPFD_CLOEXEC, limit.rlim_cur);
	sys_call4(SYS_prlimit64, 0, RLIMIT_NOFILE, &limit, NULL);
	return copy;
}

/*
 * Keeps the descriptor where programs do not look; where so high a number is
 * not allowed, none is kept, and the file is opened each time.  alone: there
 * is no other thread yet, which could meet a changed limit.
 */
static void keep(long fd, bool alone)
{
	long copy = alone ? copy_above_limit(fd) : -EMFILE;

	if (copy < 0)
		copy = sys_call3(SYS_fcntl, fd, F_DUPFD_CLOEXEC,
				 HIGH_DESCRIPTOR);
	file->fd = (int)copy;
	kept.fd = file->fd > 0 ? file->fd : 0;
	kept.device = file->device;
	kept.inode = file->inode;
}

/* In a forked child: closes its parent's, if it is still that.  Else every
   generation would have one more. */
static void drop_inherited(void)
{
	struct stat st;

	if (kept.fd && sys_call3(SYS_fstat, kept.fd, &st, 0) == 0 &&
	    st.st_dev == kept.device && st.st_ino == kept.inode)
		sys_call3(SYS_close, kept.fd, 0, 0);
	kept.fd = 0;
}

/*
 * A descriptor of the trace.  If the program closed ours, the file is opened
 * again by its name, if that still names the same file; with *opened, the
 * caller is to close what it got.
 */
static long get_descriptor(bool *opened)
{
	long fd = file->fd;

	*opened = false;
	if (fd >= 0 && is_ours(fd))
		return fd;
	fd = sys_call4(SYS_openat, AT_FDCWD, file->path,
		       O_RDWR | O_CLOEXEC | O_NOCTTY, 0);
	if (fd < 0)
		return fd;
	if (!is_ours(fd)) {
		sys_call3(SYS_close, fd, 0, 0);
		return -EBADF;
	}
	/* A child of vfork() has our memory and descriptors of its own. */
	if (!process_is_borrowed())
		keep(fd, false);
	*opened = true;
	return fd;
}

static long write_zeros(long fd, uint64_t offset, size_t bytes)
{
	static char zeros[64 << 10]; /* never written to */

	for (size_t done = 0; done < bytes;) {
		size_t some = bytes - done < sizeof(zeros) ? bytes - done
							   : sizeof(zeros);
		long n =
			sys_call4(SYS_pwrite64, fd, zeros, some, offset + done);

		if (n <= 0 && n != -EINTR)
			return n < 0 ? n : -ENOSPC;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/*
 * Makes [offset, offset + bytes) of the file real.  Allocating is what makes
 * sure that a store never fails; writing puts the pages where they are mapped
 * many at a time, in large folios where the file system has them.  Together
 * they cost 1.2 us a page on ext4, a page that is merely allocated 2.4 us, as
 * the first store into each of them is a fault of its own.
 */
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
	if (r == 0 || r == -EOPNOTSUPP || r == -ENOSYS)
		r = write_zeros(fd, offset, bytes);
	if (r == -EFBIG && !(old & xfsz)) {
		const struct timespec at_once = { 0, 0 };

		sys_call4(SYS_rt_sigtimedwait, &xfsz, NULL, &at_once,
			  sizeof(xfsz));
	}
	sys_call4(SYS_rt_sigprocmask, SIG_SETMASK, &old, NULL, sizeof(old));
	return r;
}

/* The last of a file system's room, a GiB at most, is the program's. */
static bool leaves_room(long fd, size_t bytes)
{
	struct statfs fs;
	uint64_t spare;

	if (sys_call3(SYS_fstatfs, fd, &fs, 0) < 0 || fs.f_blocks == 0 ||
	    fs.f_bsize <= 0)
		return true;
	spare = ((uint64_t)1 << 30) / (uint64_t)fs.f_bsize;
	if (spare > fs.f_blocks / 32)
		spare = fs.f_blocks / 32;
	return fs.f_bavail > spare + bytes / (uint64_t)fs.f_bsize;
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
	bool opened;
	long fd, r;

	if (atomic_load_explicit(&file->end, memory_order_relaxed) + bytes >
	    options.max_bytes)
		return -EFBIG;
	fd = get_descriptor(&opened);
	if (fd < 0)
		return fd;
	r = room_in(fd, bytes, out);
	if (opened)
		sys_call3(SYS_close, fd, 0, 0);
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
	drop_inherited();
	path = text_in(file->path, sizeof(file->path));
	fd = name_open(&path, forked, pid);
	if (fd < 0) {
		complain(file->path, fd);
		return NULL;
	}

	sys_call3(SYS_fstat, fd, &st, 0);
	file->device = st.st_dev;
	file->inode = st.st_ino;
	keep(fd, true);
	sys_call3(SYS_close, fd, 0, 0);

	r = room_at_end(bytes, &room);
	if (r < 0) {
		complain(file->path, r);
		sys_call3(SYS_unlinkat, AT_FDCWD, file->path, 0);
		if (file->fd >= 0)
			sys_call3(SYS_close, file->fd, 0, 0);
	}
	return room;
}

void *file_room(size_t bytes)
{
	void *room = NULL;

	if (process_is_fenced())
		return NULL;
	return room_at_end(bytes, &room) < 0 ? NULL : room;
}

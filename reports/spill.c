/* SPDX-License-Identifier: MIT */
/*
 * A heap of blocks in classes of sizes, four to each power of two, and each
 * with a list of those that were freed.  A block's class stands in a table,
 * by page, so that blocks have no head.  Blocks are never joined: what is
 * freed here are arrays that grew, and room on disk is cheap.
 *
 * The file is extended by posix_fallocate(): a write to a hole of a full disk
 * would be SIGBUS.
 *
 * A thread looks every few milliseconds how much of the process is resident.
 * MADV_DONTNEED on a shared mapping of a file loses nothing: a page leaves
 * the process and stays in the page cache, or is written, as the kernel
 * likes.  Which pages go is decided by a hand that moves round: nearly as
 * good here as the least recently used, and needs no count of uses.
 */
#include "spill.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MOST_BYTES  ((size_t)256 << 30) /* of addresses; nothing is used */
#define STEP_BYTES  ((size_t)64 << 20)	/* the file grows by */
#define HAND_BYTES  ((size_t)8 << 20)	/* are given back at a time */
#define PAGE_BYTES  ((size_t)4 << 10)	/* of one class */
#define RUN_BYTES   ((size_t)64 << 10)	/* pages for small blocks */
#define LEAST_BYTES ((size_t)16)
#define N_PAGES	    (MOST_BYTES / PAGE_BYTES)

enum { STEPS = 4, N_CLASSES = STEPS * 35, LOOK_EVERY_NS = 2000000 };

struct freed {
	struct freed *next;
};

static struct {
	pthread_mutex_t lock;
	size_t limit; /* bytes resident */
	bool has_begun;
	int file, statm;
	char folder[PATH_MAX];
	char trouble[PATH_MAX + 128];

	char *base;
	uint8_t *class_of; /* [N_PAGES] */
	size_t used;	   /* bytes from base, a whole number of pages */
	size_t made;	   /* bytes that the file has */
	struct freed *freed[N_CLASSES];
	char *fresh[N_CLASSES], *fresh_end[N_CLASSES]; /* of small ones */
} heap = { .lock = PTHREAD_MUTEX_INITIALIZER };

static size_t size_of(unsigned class)
{
	size_t power = LEAST_BYTES << class / STEPS;

	return power + power / STEPS * (class % STEPS);
}

/* The first whose blocks are as large; N_CLASSES: none is. */
static unsigned class_for(size_t bytes)
{
	unsigned class = 0;

	if (bytes > LEAST_BYTES)
		class = STEPS * (unsigned)(63 - __builtin_clzll(bytes) - 4);
	while (class < N_CLASSES && size_of(class) < bytes)
		class ++;
	/* A quarter of 16 or 32 bytes is not a place for every type. */
	while (class < N_CLASSES && size_of(class) % LEAST_BYTES)
		class ++;
	return class;
}

static bool fails(const char *what, int error)
{
	snprintf(heap.trouble, sizeof(heap.trouble), "%s '%s': %s", what,
		 heap.folder, strerror(error));
	return false;
}

static int file_without_name(void)
{
	char path[PATH_MAX + 32];
	int file = open(heap.folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL,
			0600);

	if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return file;
	snprintf(path, sizeof(path), "%s/cmshim.XXXXXX", heap.folder);
	file = mkostemp(path, O_CLOEXEC);
	if (file >= 0)
		unlink(path);
	return file;
}

static size_t resident(void)
{
	char text[128];
	ssize_t n = pread(heap.statm, text, sizeof(text) - 1, 0);
	unsigned long long pages;

	text[n > 0 ? n : 0] = 0;
	/* Not to be told is to be careful. */
	if (sscanf(text, "%*u %llu", &pages) != 1)
		return SIZE_MAX;
	return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Gives back pages from the hand on until enough is gone. */
static void give_back(size_t *hand, size_t enough)
{
	size_t used = __atomic_load_n(&heap.used, __ATOMIC_ACQUIRE);

	for (size_t done = 0; done < used && resident() > enough;
	     done += HAND_BYTES) {
		size_t n = HAND_BYTES;

		if (*hand >= used)
			*hand = 0;
		if (n > used - *hand)
			n = used - *hand;
		madvise(heap.base + *hand, n, MADV_DONTNEED);
		*hand += n;
	}
}

static void *keep(void *unused)
{
	const struct timespec pause = { .tv_nsec = LOOK_EVERY_NS };
	size_t hand = 0;

	for (;;) {
		if (resident() > heap.limit)
			give_back(&hand, heap.limit - heap.limit / 16);
		nanosleep(&pause, NULL);
	}
	return unused;
}

static bool begin(void)
{
	const char *folder = getenv("TMPDIR");
	pthread_t keeper;
	void *base, *classes;

	snprintf(heap.folder, sizeof(heap.folder), "%s",
		 folder && *folder ? folder : "/var/tmp");
	heap.file = file_without_name();
	if (heap.file < 0)
		return fails("no temporary file can be made in", errno);
	heap.statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	base = mmap(NULL, MOST_BYTES, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	classes = mmap(NULL, N_PAGES, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED || classes == MAP_FAILED)
		return fails("no addresses for a temporary file in", errno);
	heap.class_of = classes;
	__atomic_store_n(&heap.base, base, __ATOMIC_RELEASE);
	if (pthread_create(&keeper, NULL, keep, NULL) != 0)
		return fails("no thread for a temporary file in", EAGAIN);
	pthread_detach(keeper);
	return true;
}

/* The kernel ends a process by SIGXFSZ that goes beyond. */
static bool is_beyond_limit(size_t bytes)
{
	struct rlimit most;

	return getrlimit(RLIMIT_FSIZE, &most) == 0 &&
	       most.rlim_cur != RLIM_INFINITY && bytes > most.rlim_cur;
}

static bool extend(size_t bytes)
{
	size_t more = (bytes + STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES;
	int error;

	if (more > MOST_BYTES - heap.made)
		return fails("no addresses for a temporary file in", ENOMEM);
	error = is_beyond_limit(heap.made + more)
			? EFBIG
			: posix_fallocate(heap.file, (off_t)heap.made,
					  (off_t)more);
	if (error)
		return fails("no room for a temporary file in", error);
	if (mmap(heap.base + heap.made, more, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, heap.file,
		 (off_t)heap.made) == MAP_FAILED)
		return fails("cannot map a temporary file in", errno);
	/* Otherwise the page cache takes large folios, and each first write
	   to a page of one costs ext4 a walk over all of its blocks. */
	madvise(heap.base + heap.made, more, MADV_RANDOM);
	heap.made += more;
	return true;
}

/* Fresh pages, all of the class. */
static char *pages_new(size_t bytes, unsigned class)
{
	size_t first = heap.used / PAGE_BYTES;
	size_t n = (bytes + PAGE_BYTES - 1) / PAGE_BYTES;

	if (n > (heap.made - heap.used) / PAGE_BYTES &&
	    !extend(heap.used + n * PAGE_BYTES - heap.made))
		return NULL;
	heap.class_of[first] = (uint8_t) class;
	/* Of one block nobody asks for more than its start. */
	for (size_t i = 1; i < n && size_of(class) < PAGE_BYTES; i++)
		heap.class_of[first + i] = (uint8_t) class;
	__atomic_store_n(&heap.used, heap.used + n * PAGE_BYTES,
			 __ATOMIC_RELEASE);
	return heap.base + first * PAGE_BYTES;
}

static char *fresh_block(unsigned class)
{
	size_t size = size_of(class);
	char **start = &heap.fresh[class];

	if (size > PAGE_BYTES / 2)
		return pages_new(size, class);
	if ((size_t)(heap.fresh_end[class] - *start) < size) {
		*start = pages_new(RUN_BYTES, class);
		heap.fresh_end[class] = *start ? *start + RUN_BYTES : NULL;
		if (!*start)
			return NULL;
	}
	*start += size;
	return *start - size;
}

static void *block_of(unsigned class)
{
	struct freed *old = heap.freed[class];

	if (!old)
		return fresh_block(class);
	heap.freed[class] = old->next;
	return memset(old, 0, size_of(class));
}

void spill_limit(size_t resident_bytes)
{
	heap.limit = resident_bytes;
}

void *spill_alloc(size_t bytes)
{
	unsigned class = class_for(bytes);
	void *block = NULL;

	pthread_mutex_lock(&heap.lock);
	if (!heap.has_begun) {
		heap.has_begun = true;
		(void)begin();
	}
	/* After the first trouble there is more memory, and no more file. */
	if (!heap.trouble[0] && class < N_CLASSES)
		block = block_of(class);
	pthread_mutex_unlock(&heap.lock);
	return block;
}

bool spill_owns(const void *start)
{
	const char *base = __atomic_load_n(&heap.base, __ATOMIC_ACQUIRE);
	const char *at = start;

	return base && at >= base && at < base + MOST_BYTES;
}

static unsigned class_at(const void *start)
{
	return heap.class_of[(size_t)((const char *)start - heap.base) /
			     PAGE_BYTES];
}

size_t spill_room(const void *start)
{
	return size_of(class_at(start));
}

void spill_free(void *start)
{
	struct freed *freed = start;
	struct freed **list = &heap.freed[class_at(start)];

	pthread_mutex_lock(&heap.lock);
	freed->next = *list;
	*list = freed;
	pthread_mutex_unlock(&heap.lock);
}

const char *spill_trouble(void)
{
	return heap.trouble[0] ? heap.trouble : NULL;
}

/* SPDX-License-Identifier: MIT */
/*
 * Opening and closing a trace, and what can be asked of it.
 *
 * A file is mapped, not read: a trace may be larger than memory.  One that is
 * still being written only grows, so what fstat(2) says is there stays there.
 */
#include "trace/trace_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void trace_damage(struct trace *t, const void *at, const char *format, ...)
{
	char text[160];
	va_list args;

	if (t->info.damaged)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	t->info.damaged = true;
	t->info.damage = arena_strdup(t->mem, text);
	t->info.damage_at = (uint64_t)((const uint8_t *)at - t->bytes);
}

/* Whether something is behind the chunk's last record, or was added to that. */
static bool has_grown(const struct chunk *c)
{
	const uint8_t *end = c->at + c->bytes;

	return *end || (c->n_again && end[-1] != CMSHIM_AGAIN + c->n_again - 1);
}

/*
 * The recorder renews the header's stamp with every chunk, and stores records
 * behind those that were there.  The bytes are looked at anew: they are the
 * file's.
 */
bool trace_moved(struct trace *t)
{
	const uint8_t *last = t->bytes + offsetof(struct cmshim_header, last);

	if (t->moved || t->moved_checks == 16)
		return t->moved;
	t->moved_checks++;
	if (memcmp(last, &t->header.last, sizeof(t->header.last)) != 0)
		t->moved = true;
	for (size_t i = 0; i < t->n_streams && !t->moved; i++) {
		const uint8_t *end = t->streams[i].defs_end;

		t->moved = end && *end;
	}
	for (size_t i = t->n_defs_chunks; i < t->n_chunks && !t->moved; i++) {
		const struct chunk *c = &t->chunks[i];

		t->moved = c->open && has_grown(c);
	}
	return t->moved;
}

void trace_undefined(struct trace *t, const void *at, const char *what,
		     uint64_t number)
{
	if (t->info.damaged || t->info.truncated || trace_moved(t))
		return;
	trace_damage(t, at, "%s %llu is used but not defined", what,
		     (unsigned long long)number);
}

/*
 * The kernel would keep the pages of a mapped file for as long as nobody else
 * wants memory, and count them as this process's.  Pages at the edges go too:
 * whose neighbour is still being read comes back from the page cache.
 */
void trace_unload(struct trace *t, const uint8_t *from, const uint8_t *end)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	size_t before = (uintptr_t)from % page;

	if (t->mapped)
		madvise((void *)(from - before), (size_t)(end - from) + before,
			MADV_DONTNEED);
}

static int begin(struct trace **out, struct trace *t, const char **why)
{
	*why = index_header(t);
	if (!*why)
		*why = index_chunks(t);
	if (*why) {
		trace_close(t);
		return -EINVAL;
	}
	defs_read(t);
	trace_unload(t, t->bytes, t->bytes + t->size);
	index_order(t);
	t->opened = t->info;
	index_logs(t);
	merge_begin(t);
	*out = t;
	return 0;
}

static struct trace *trace_new(const void *bytes, size_t size)
{
	struct arena *mem = arena_new();
	struct trace *t = arena_alloc(mem, sizeof(*t));

	t->mem = mem;
	t->bytes = bytes;
	t->size = size;
	return t;
}

int trace_open_memory(struct trace **out, const void *bytes, size_t size,
		      const char **why)
{
	return begin(out, trace_new(bytes, size), why);
}

static int open_error(const char **why)
{
	int error = errno;

	/* Of the errno values that open and mmap have. */
	switch (error) {
	case ENOENT:
		*why = "there is no such file";
		break;
	case EACCES:
	case EPERM:
		*why = "you may not read it";
		break;
	case ENOMEM:
		*why = "it does not fit into the address space";
		break;
	default:
		*why = "it cannot be opened";
	}
	return -error;
}

int trace_open(struct trace **out, const char *path, const char **why)
{
	/* O_NONBLOCK: a FIFO without a writer is refused, not waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), result;
	struct trace *t;
	struct stat st;
	void *bytes;

	if (fd < 0)
		return open_error(why);
	result = -EINVAL;
	if (fstat(fd, &st) < 0) {
		result = open_error(why);
		goto out;
	}
	if (S_ISDIR(st.st_mode)) {
		*why = "it is a directory";
		result = -EISDIR;
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		*why = "it is not a regular file";
		goto out;
	}
	if (st.st_size == 0) {
		*why = "it is empty";
		goto out;
	}
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED) {
		result = open_error(why);
		goto out;
	}
	t = trace_new(bytes, (size_t)st.st_size);
	t->mapped = true;
	result = begin(out, t, why);
out:
	close(fd);
	return result;
}

struct trace *trace_again(const struct trace *t)
{
	struct trace *again = trace_new(t->bytes, t->size);
	struct arena *mem = again->mem;
	size_t n_lines = t->info.n_objects;

	*again = *t;
	again->mem = mem;
	again->of = t;
	again->info = t->opened;
	again->lines = arena_alloc(mem, n_lines * sizeof(*again->lines));
	for (size_t i = 1; i < n_lines; i++)
		again->lines[i] = (struct line){ .first = t->lines[i].first,
						 .class = t->lines[i].class };
	index_logs(again);
	merge_begin(again);
	return again;
}

void trace_close(struct trace *t)
{
	if (!t)
		return;
	merge_end(t);
	if (!t->of) {
		defs_release(t);
		store_free(t->chunks);
		if (t->mapped)
			munmap((void *)t->bytes, t->size);
	}
	arena_free(t->mem);
}

const struct trace_info *trace_info(const struct trace *t)
{
	return &t->info;
}

double trace_progress(const struct trace *t)
{
	return t->bytes_total ? (double)t->bytes_done / (double)t->bytes_total
			      : 1;
}

/* SPDX-License-Identifier: MIT */
#include "module.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/uio.h>

#include "context.h"
#include "lives.h"
#include "process.h"
#include "sys.h"

#define MAX_MODULES  1024
#define MAX_SEGMENTS 24
#define MAX_BUILD_ID 32
#define MAX_PATH     512

struct module {
	uintptr_t first, end; /* of the mapped span; first is unique */
	uintptr_t bias;
	ElfW(Phdr) segments[MAX_SEGMENTS];
	uint16_t n_segments;
	uint8_t n_build_id;
	uint8_t build_id[MAX_BUILD_ID];
	bool there; /* seen in the reading that is going on */
	/* What the dynamic linker knows it by; NULL: not known to it then. */
	const void *linker, *eh_frame;
	char path[MAX_PATH];
};

_Atomic uint32_t module_epoch;

/* Kept across fork, and read anew by the child.  Touched as used. */
static struct {
	struct module modules[MAX_MODULES];
	size_t n;
	unsigned fruitless; /* readings in a row that found nothing new */
	unsigned skipped;   /* requests since the last reading */
} list;

/*
 * Copies memory that may be unmapped at any moment by a dlclose() in another
 * thread: by a system call, which fails where a load would kill.
 */
static bool copy(void *to, uintptr_t from, size_t bytes)
{
	struct iovec here = { to, bytes };
	struct iovec there = { (void *)from, bytes };
	long pid = sys_call3(SYS_getpid, 0, 0, 0);
	long n = sys_call6(SYS_process_vm_readv, pid, (long)&here, 1,
			   (long)&there, 1, 0);

	return n == (long)bytes;
}

static void read_build_id(struct module *m, const ElfW(Phdr) * notes)
{
	uint8_t bytes[512];
	size_t n = notes->p_memsz;

	if (n > sizeof(bytes))
		n = sizeof(bytes);
	if (!copy(bytes, m->bias + notes->p_vaddr, n))
		return;

	for (size_t at = 0; at + sizeof(ElfW(Nhdr)) <= n;) {
		ElfW(Nhdr) note;
		size_t name = at + sizeof(note);
		size_t desc;

		memcpy(&note, bytes + at, sizeof(note));
		if (note.n_namesz > n || note.n_descsz > n)
			return;
		desc = name + ((note.n_namesz + 3) & ~(size_t)3);
		at = desc + ((note.n_descsz + 3) & ~(size_t)3);
		if (at > n)
			return;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
		    memcmp(bytes + name, "GNU", 4) == 0 &&
		    note.n_descsz <= MAX_BUILD_ID) {
			m->n_build_id = (uint8_t)note.n_descsz;
			memcpy(m->build_id, bytes + desc, note.n_descsz);
			return;
		}
	}
}

/* Fills in a module from its file's header, mapped at m->first. */
static bool read_headers(struct module *m)
{
	ElfW(Ehdr) head;
	uintptr_t lowest = UINTPTR_MAX, highest = 0;

	if (!copy(&head, m->first, sizeof(head)) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
	    head.e_phentsize != sizeof(ElfW(Phdr)) ||
	    head.e_phnum > MAX_SEGMENTS ||
	    !copy(m->segments, m->first + head.e_phoff,
		  head.e_phnum * sizeof(ElfW(Phdr))))
		return false;

	m->n_segments = head.e_phnum;
	for (int i = 0; i < head.e_phnum; i++) {
		const ElfW(Phdr) *s = &m->segments[i];

		if (s->p_type != PT_LOAD)
			continue;
		if (s->p_vaddr < lowest)
			lowest = s->p_vaddr & ~(uintptr_t)4095;
		if (s->p_vaddr + s->p_memsz > highest)
			highest = s->p_vaddr + s->p_memsz;
	}
	if (lowest >= highest)
		return false;
	m->bias = m->first - lowest;
	m->end = m->bias + ((highest + 4095) & ~(uintptr_t)4095);
	m->n_build_id = 0;
	for (int i = 0; i < head.e_phnum && !m->n_build_id; i++)
		if (m->segments[i].p_type == PT_NOTE)
			read_build_id(m, &m->segments[i]);
	return true;
}

/*
 * _dl_find_object() takes no lock and may be called anywhere (glibc 2.35);
 * older ones do not have it, and gone libraries that nobody told of are not
 * noticed.
 */
extern int _dl_find_object(void *address, struct dl_find_object *result)
	__attribute__((weak));

static void ask_linker(struct module *m)
{
	struct dl_find_object o;

	m->linker = NULL;
	if (!_dl_find_object || _dl_find_object((void *)m->first, &o) != 0)
		return;
	m->linker = o.dlfo_link_map;
	m->eh_frame = o.dlfo_eh_frame;
}

/*
 * Whether the address has become another module's.  libc unloads libraries by
 * itself (character sets, name services), out of our sight.
 */
static bool is_stale(const struct module *m, uintptr_t address)
{
	struct dl_find_object o;

	if (!m->linker)
		return false;
	return _dl_find_object((void *)address, &o) != 0 ||
	       o.dlfo_link_map != m->linker || o.dlfo_eh_frame != m->eh_frame;
}

static struct module *find(uintptr_t address)
{
	for (size_t i = 0; i < list.n; i++)
		if (address >= list.modules[i].first &&
		    address < list.modules[i].end)
			return &list.modules[i];
	return NULL;
}

static void define(struct context *c, const struct module *m, uint32_t epoch)
{
	uint8_t payload[6 * VARINT_MAX_BYTES + MAX_PATH + MAX_BUILD_ID];
	size_t n = strlen(m->path);
	uint8_t *p = payload;

	p = put_varint(p, epoch);
	p = put_varint(p, m->first);
	p = put_varint(p, m->end);
	p = put_varint(p, m->bias);
	p = put_varint(p, n);
	memcpy(p, m->path, n);
	p = put_varint(p + n, m->n_build_id);
	memcpy(p, m->build_id, m->n_build_id);
	p += m->n_build_id;
	context_define(c, CMSHIM_DEF_MODULE, payload, (size_t)(p - payload));
}

static void define_gone(struct context *c, const struct module *m,
			uint32_t epoch)
{
	uint8_t payload[2 * VARINT_MAX_BYTES];
	uint8_t *p = put_varint(payload, epoch);

	p = put_varint(p, m->first);
	context_define(c, CMSHIM_DEF_MODULE_GONE, payload,
		       (size_t)(p - payload));
}

/* One reading of the list. */
struct reading {
	struct context *c;
	uint32_t epoch; /* of what is found to have changed */
	bool changed;
};

/* A mapping of the beginning of a file: a module if it is ELF. */
static void found(struct reading *reading, uintptr_t first, const char *path,
		  size_t n_path)
{
	struct module *m = find(first);
	struct module seen = { .first = first };

	if (n_path >= MAX_PATH)
		n_path = MAX_PATH - 1;
	memcpy(seen.path, path, n_path);
	if (m && m->first == first && strcmp(m->path, seen.path) == 0) {
		m->there = true;
		ask_linker(m);
		return;
	}
	if (list.n == MAX_MODULES || !read_headers(&seen))
		return;
	seen.there = true;
	m = &list.modules[list.n++];
	*m = seen;
	ask_linker(m);
	define(reading->c, m, reading->epoch);
	reading->changed = true;
}

static uintptr_t hex(const char **at)
{
	uintptr_t n = 0;

	for (;; (*at)++) {
		char c = **at;

		if (c >= '0' && c <= '9')
			n = n << 4 | (uintptr_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			n = n << 4 | (uintptr_t)(c - 'a' + 10);
		else
			return n;
	}
}

/*
 * first-end rwxp offset device inode   path
 *
 * The first mapping of a file, from its offset 0, carries its headers.  The
 * vDSO is a module too, mapped from no file.
 */
static void read_line(struct reading *reading, const char *line,
		      const char *end)
{
	const char *at = line;
	uintptr_t first = hex(&at);
	uintptr_t offset;
	const char *path;

	if (*at != '-')
		return;
	at++;
	hex(&at);
	if (end - at < 6 || at[1] != 'r')
		return;
	at += 6;
	offset = hex(&at);
	path = memchr(at, '/', (size_t)(end - at));
	/* The device is spelled with a colon, never with a slash. */
	if (!path)
		path = memchr(at, '[', (size_t)(end - at));
	if (offset != 0 || !path ||
	    (*path == '[' && memcmp(path, "[vdso]", 6) != 0))
		return;
	found(reading, first, path, (size_t)(end - path));
}

static void read_all(struct reading *reading)
{
	static char buffer[8192]; /* under unwind_lock() */
	size_t n = 0;
	long fd = sys_call4(SYS_openat, AT_FDCWD, "/proc/self/maps",
			    O_RDONLY | O_CLOEXEC, 0);

	if (fd < 0) {
		/* Better an old list than none. */
		for (size_t i = 0; i < list.n; i++)
			list.modules[i].there = true;
		return;
	}
	for (;;) {
		long r =
			sys_call3(SYS_read, fd, buffer + n, sizeof(buffer) - n);
		char *line = buffer;
		char *end;

		if (r <= 0)
			break;
		n += (size_t)r;
		while ((end = memchr(line, '\n',
				     n - (size_t)(line - buffer)))) {
			read_line(reading, line, end);
			line = end + 1;
		}
		n -= (size_t)(line - buffer);
		memmove(buffer, line, n);
		if (n == sizeof(buffer))
			n = 0; /* a line that long is no module of ours */
	}
	sys_call3(SYS_close, fd, 0, 0);
}

enum module_change module_refresh(struct context *c)
{
	struct reading reading = {
		.c = c,
		.epoch = 1 + atomic_load_explicit(&module_epoch,
						  memory_order_relaxed),
	};
	bool gone = false;

	for (size_t i = 0; i < list.n; i++)
		list.modules[i].there = false;
	read_all(&reading);
	for (size_t i = 0; i < list.n;) {
		if (list.modules[i].there) {
			i++;
			continue;
		}
		define_gone(c, &list.modules[i], reading.epoch);
		lives_gone(list.modules[i].first, list.modules[i].end);
		list.modules[i] = list.modules[--list.n];
		gone = true;
	}
	reading.changed |= gone;
	list.fruitless = reading.changed ? 0 : list.fruitless + 1;
	list.skipped = 0;
	if (reading.changed)
		atomic_store_explicit(&module_epoch, reading.epoch,
				      memory_order_release);
	return gone		 ? MODULES_GONE
	       : reading.changed ? MODULES_CAME
				 : MODULES_SAME;
}

void module_begin(struct context *c)
{
	list.n = 0;
	module_refresh(c);
}

bool module_covers(struct context *c, uintptr_t address,
		   enum module_change *change)
{
	const struct module *m = find(address);

	*change = MODULES_SAME;
	if (m && !is_stale(m, address))
		return true;
	if (!m && list.skipped < list.fruitless && list.fruitless > 4) {
		list.skipped++;
		return false;
	}
	*change = module_refresh(c);
	return find(address) != NULL;
}

bool module_has(uintptr_t address)
{
	return find(address) != NULL;
}

int module_iterate(int (*callback)(struct dl_phdr_info *, size_t, void *),
		   void *data)
{
	for (size_t i = 0; i < list.n; i++) {
		struct module *m = &list.modules[i];
		struct dl_phdr_info info = {
			.dlpi_addr = m->bias,
			.dlpi_name = m->path,
			.dlpi_phdr = m->segments,
			.dlpi_phnum = m->n_segments,
			.dlpi_adds = atomic_load(&module_epoch),
		};
		int r = callback(&info, sizeof(info), data);

		if (r)
			return r;
	}
	return 0;
}

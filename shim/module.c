/* SPDX-License-Identifier: MIT */
#include "module.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "context.h"
#include "image.h"
#include "lives.h"
#include "process.h"
#include "sys.h"
#include "unwind_rules.h"

#define MAX_MODULES 1024

struct module {
	struct image image;
	bool there; /* seen in the reading that is going on */
	/* What the dynamic linker knows it by; NULL: not known to it then. */
	const void *linker, *eh_frame;
	char path[IMAGE_PATH];
};

_Atomic uint32_t module_epoch, module_generation;

/* Kept across fork, and read anew by the child.  Touched as used. */
static struct {
	struct module modules[MAX_MODULES];
	size_t n;
	size_t recent;	    /* the one found last; it may be gone */
	unsigned fruitless; /* readings in a row that found nothing new */
	unsigned skipped;   /* requests since the last reading */
} list;

/*
 * _dl_find_object() takes no lock and may be called anywhere (glibc 2.35);
 * older ones do not have it, and gone libraries that nobody told of are not
 * noticed.
 */
extern int _dl_find_object(void *address, struct dl_find_object *result)
	__attribute__((weak));

/* False: the dynamic linker knows nothing there, or is not to be asked. */
static bool ask_linker(uintptr_t address, struct dl_find_object *out)
{
	return _dl_find_object && _dl_find_object((void *)address, out) == 0;
}

static void keep_linker(struct module *m)
{
	struct dl_find_object o;

	m->linker = NULL;
	if (!ask_linker(m->image.first, &o))
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

	if (!ask_linker(address, &o))
		return m->linker;
	return o.dlfo_link_map != m->linker || o.dlfo_eh_frame != m->eh_frame;
}

static bool is_in(size_t i, uintptr_t address)
{
	const struct image *image = &list.modules[i].image;

	return i < list.n && address >= image->first && address < image->end;
}

static struct module *find(uintptr_t address)
{
	if (!is_in(list.recent, address)) {
		list.recent = 0;
		while (list.recent < list.n && !is_in(list.recent, address))
			list.recent++;
	}
	return list.recent < list.n ? &list.modules[list.recent] : NULL;
}

static void define(struct context *c, const struct module *m, uint32_t epoch)
{
	const struct image *image = &m->image;
	uint8_t payload[6 * VARINT_MAX_BYTES + IMAGE_PATH + IMAGE_BUILD_ID];
	size_t n = strlen(m->path);
	uint8_t *p = payload;

	p = put_varint(p, epoch);
	p = put_varint(p, image->first);
	p = put_varint(p, image->end);
	p = put_varint(p, image->bias);
	p = put_varint(p, n);
	memcpy(p, m->path, n);
	p = put_varint(p + n, image->n_build_id);
	memcpy(p, image->build_id, image->n_build_id);
	p += image->n_build_id;
	context_define(c, CMSHIM_DEF_MODULE, payload, (size_t)(p - payload));
}

static void define_gone(struct context *c, uintptr_t first, uint32_t epoch)
{
	uint8_t payload[2 * VARINT_MAX_BYTES];
	uint8_t *p = put_varint(payload, epoch);

	p = put_varint(p, first);
	context_define(c, CMSHIM_DEF_MODULE_GONE, payload,
		       (size_t)(p - payload));
}

/* What is found to have changed at one time. */
struct news {
	struct context *c;
	uint32_t epoch;	     /* that begins with it */
	uintptr_t low, high; /* all that came lies in [low, high) */
	bool gone;
};

static struct news news_begin(struct context *c)
{
	return (struct news){
		.c = c,
		.epoch = 1 + atomic_load_explicit(&module_epoch,
						  memory_order_relaxed),
		.low = UINTPTR_MAX,
	};
}

/* Returns whether there were any. */
static bool news_end(const struct news *news)
{
	bool came = news->low < news->high;
	bool known = came && rules_forget_cut(news->low, news->high);

	if (known || news->gone)
		atomic_fetch_add_explicit(&module_generation, 1,
					  memory_order_release);
	if (came || news->gone)
		atomic_store_explicit(&module_epoch, news->epoch,
				      memory_order_release);
	return came || news->gone;
}

/* False: it is no ELF file, or there is no room. */
static bool add(struct news *news, uintptr_t first, const char *path)
{
	struct module *m = &list.modules[list.n];

	if (list.n == MAX_MODULES)
		return false;
	*m = (struct module){ .there = true };
	strncpy(m->path, path, IMAGE_PATH - 1);
	if (!image_read(&m->image, first))
		return false;
	list.n++;
	keep_linker(m);
	define(news->c, m, news->epoch);
	if (first < news->low)
		news->low = first;
	if (m->image.end > news->high)
		news->high = m->image.end;
	return true;
}

static void remove_at(struct news *news, size_t i)
{
	const struct image *image = &list.modules[i].image;

	define_gone(news->c, image->first, news->epoch);
	lives_gone(image->first, image->end);
	rules_forget(image->first, image->end);
	list.modules[i] = list.modules[--list.n];
	news->gone = true;
}

/* A mapping of the beginning of a file: a module if it is ELF. */
static void found(struct news *news, uintptr_t first, const char *path,
		  size_t n_path)
{
	struct module *m = find(first);
	char said[IMAGE_PATH] = { 0 };

	memcpy(said, path, n_path < IMAGE_PATH ? n_path : IMAGE_PATH - 1);
	if (m && m->image.first == first && strcmp(m->path, said) == 0) {
		m->there = true;
		keep_linker(m);
	} else {
		add(news, first, said);
	}
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
static void read_line(struct news *news, const char *line, const char *end)
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
	found(news, first, path, (size_t)(end - path));
}

static void read_all(struct news *news)
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
			read_line(news, line, end);
			line = end + 1;
		}
		n -= (size_t)(line - buffer);
		memmove(buffer, line, n);
		if (n == sizeof(buffer))
			n = 0; /* a line that long is no module of ours */
	}
	sys_call3(SYS_close, fd, 0, 0);
}

/* Reads the list again.  Returns whether a module is there no more. */
static bool refresh(struct context *c)
{
	struct news news = news_begin(c);

	for (size_t i = 0; i < list.n; i++)
		list.modules[i].there = false;
	read_all(&news);
	for (size_t i = 0; i < list.n;) {
		if (list.modules[i].there)
			i++;
		else
			remove_at(&news, i);
	}
	list.fruitless = news_end(&news) ? 0 : list.fruitless + 1;
	list.skipped = 0;
	return news.gone;
}

void module_begin(struct context *c)
{
	list.n = 0;
	refresh(c);
}

bool module_find_gone(struct context *c)
{
	struct news news = news_begin(c);

	if (!_dl_find_object)
		return refresh(c);
	for (size_t i = 0; i < list.n;) {
		const struct module *m = &list.modules[i];

		if (m->linker && is_stale(m, m->image.first))
			remove_at(&news, i);
		else
			i++;
	}
	news_end(&news);
	return news.gone;
}

/* The one that the dynamic linker knows there, if it is in nobody's place. */
static bool add_linked(struct context *c, uintptr_t address)
{
	struct news news = news_begin(c);
	struct dl_find_object o;
	char path[IMAGE_PATH];

	if (!ask_linker(address, &o))
		return false;
	for (size_t i = 0; i < list.n; i++)
		if (list.modules[i].image.first < (uintptr_t)o.dlfo_map_end &&
		    list.modules[i].image.end > (uintptr_t)o.dlfo_map_start)
			return false;
	if (!image_path(o.dlfo_link_map, path) ||
	    !add(&news, (uintptr_t)o.dlfo_map_start, path))
		return false;
	news_end(&news);
	return find(address) != NULL;
}

bool module_covers(struct context *c, uintptr_t address, bool *gone)
{
	const struct module *m = find(address);

	*gone = false;
	if (m ? !is_stale(m, address) : add_linked(c, address))
		return true;
	if (!m && list.skipped < list.fruitless && list.fruitless > 4) {
		list.skipped++;
		return false;
	}
	*gone = refresh(c);
	return find(address) != NULL;
}

bool module_has(uintptr_t address)
{
	return find(address) != NULL;
}

int module_tell(uintptr_t address,
		int (*callback)(struct dl_phdr_info *, size_t, void *),
		void *data)
{
	struct module *m = find(address);
	struct dl_phdr_info info = { .dlpi_adds = atomic_load(&module_epoch) };

	if (!m)
		return 0;
	info.dlpi_addr = m->image.bias;
	info.dlpi_name = m->path;
	info.dlpi_phdr = m->image.segments;
	info.dlpi_phnum = m->image.n_segments;
	return callback(&info, sizeof(info), data);
}

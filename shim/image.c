/* SPDX-License-Identifier: MIT */
#include "image.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>

#include "process.h"
#include "sys.h"
#include "text.h"

static void read_build_id(struct image *image, const ElfW(Phdr) * notes)
{
	uint8_t bytes[512];
	size_t n = notes->p_memsz;

	if (n > sizeof(bytes))
		n = sizeof(bytes);
	if (!process_copy(bytes, (void *)(image->bias + notes->p_vaddr), n))
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
		    note.n_descsz <= IMAGE_BUILD_ID) {
			image->n_build_id = (uint8_t)note.n_descsz;
			memcpy(image->build_id, bytes + desc, note.n_descsz);
			return;
		}
	}
}

bool image_read(struct image *image, uintptr_t first)
{
	ElfW(Ehdr) head;
	uintptr_t lowest = UINTPTR_MAX, highest = 0;

	if (!process_copy(&head, (void *)first, sizeof(head)) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
	    head.e_phentsize != sizeof(ElfW(Phdr)) ||
	    head.e_phnum > IMAGE_SEGMENTS ||
	    !process_copy(image->segments, (void *)(first + head.e_phoff),
			  head.e_phnum * sizeof(ElfW(Phdr))))
		return false;

	image->n_segments = head.e_phnum;
	for (int i = 0; i < head.e_phnum; i++) {
		const ElfW(Phdr) *s = &image->segments[i];

		if (s->p_type != PT_LOAD)
			continue;
		if (s->p_vaddr < lowest)
			lowest = s->p_vaddr & ~(uintptr_t)4095;
		if (s->p_vaddr + s->p_memsz > highest)
			highest = s->p_vaddr + s->p_memsz;
	}
	if (lowest >= highest)
		return false;
	image->first = first;
	image->bias = first - lowest;
	image->end = image->bias + ((highest + 4095) & ~(uintptr_t)4095);
	image->n_build_id = 0;
	for (int i = 0; i < head.e_phnum && !image->n_build_id; i++)
		if (image->segments[i].p_type == PT_NOTE)
			read_build_id(image, &image->segments[i]);
	return true;
}

/* The path of a file as the kernel spells it. */
static bool real_path(const char *path, char out[IMAGE_PATH])
{
	char link[32];
	struct text text = text_in(link, sizeof(link));
	long fd = sys_call4(SYS_openat, AT_FDCWD, path, O_PATH | O_CLOEXEC, 0);
	long n;

	if (fd < 0)
		return false;
	text_add(&text, "/proc/self/fd/");
	text_add_number(&text, (uint64_t)fd);
	n = sys_call4(SYS_readlinkat, AT_FDCWD, link, out, IMAGE_PATH);
	sys_call3(SYS_close, fd, 0, 0);
	if (n <= 0 || n >= IMAGE_PATH)
		return false;
	out[n] = '\0';
	return true;
}

static bool linker_path(const struct link_map *map, char path[IMAGE_PATH])
{
	const char *name;
	size_t n;

	if (!process_copy(&name, &map->l_name, sizeof(name)))
		return false;
	/* Not beyond a page that may be the last one. */
	n = 4096 - (uintptr_t)name % 4096;
	if (n >= IMAGE_PATH)
		n = IMAGE_PATH - 1;
	return process_copy(path, name, n) && path[0] == '/' &&
	       memchr(path, 0, n);
}

bool image_path(const struct link_map *map, char path[IMAGE_PATH])
{
	char said[IMAGE_PATH];

	return linker_path(map, said) && real_path(said, path);
}

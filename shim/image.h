/* SPDX-License-Identifier: MIT */
/*
 * An ELF file that is mapped to be run: what its headers say, and its path.
 * All is copied by a system call: another thread may unload it at any moment.
 * None of this takes a lock or allocates; it keeps errno.
 */
#ifndef SHIM_IMAGE_H
#define SHIM_IMAGE_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

#define IMAGE_SEGMENTS 24
#define IMAGE_BUILD_ID 32
#define IMAGE_PATH     512

struct image {
	uintptr_t first, end; /* that it is mapped at; first is unique */
	uintptr_t bias;
	ElfW(Phdr) segments[IMAGE_SEGMENTS];
	uint16_t n_segments;
	uint8_t n_build_id;
	uint8_t build_id[IMAGE_BUILD_ID];
};

/* The one whose headers are mapped at first.  False: none is, or one that is
   too strange. */
bool image_read(struct image *image, uintptr_t first);

/*
 * The path of a file that the dynamic linker loaded, as the kernel spells it.
 * False: it is too long, or was not told from the root.
 */
bool image_path(const struct link_map *map, char path[IMAGE_PATH]);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What speaks against recording a program.  The dynamic linker drops
 * LD_PRELOAD for a program that gets rights by being run, and is not there in
 * a static one; a library for another machine it passes over with a warning;
 * a program with another C library does not start with ours in it.
 */
#include "program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "command.h"

/* The kernel follows so many "#!" lines (fs/exec.c, exec_binprm). */
#define MAX_SCRIPTS 5

/* What the checks need of a file's beginning. */
struct image {
	bool is_elf;
	bool is_dynamic; /* it names a dynamic linker, or is a library */
	unsigned char class, data;
	uint16_t machine;
	char interpreter[256]; /* dynamic linker, or what "#!" names; or "" */
};

static int look_along_path(const char *name, const char *folders, char **path)
{
	const char *end;
	int error = ENOENT;

	for (const char *c = folders;; c = end + 1) {
		struct stat st;

		end = strchrnul(c, ':');
		/* An empty name is the working directory. */
		if (asprintf(path, "%.*s%s%s", (int)(end - c), c,
			     end == c ? "./" : "/", name) < 0)
			return ENOMEM;
		if (stat(*path, &st) == 0 && S_ISREG(st.st_mode)) {
			if (access(*path, X_OK) == 0)
				return 0;
			error = EACCES;
		}
		free(*path);
		*path = NULL;
		if (!*end)
			return error;
	}
}

int program_find(const char *name, char **path)
{
	const char *folders = getenv("PATH");
	struct stat st;
	int error;

	if (!*name)
		return fail("the program's name is empty");
	if (!strchr(name, '/')) {
		error = look_along_path(
			name, folders ? folders : "/bin:/usr/bin", path);
		if (error == ENOENT)
			return fail("cannot find '%s' in PATH", name);
		if (error)
			return fail("cannot run '%s': %s", name,
				    strerror(error));
		return 0;
	}

	if (stat(name, &st) < 0)
		return fail("cannot run '%s': %s", name, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return fail("cannot run '%s': %s", name, strerror(EISDIR));
	if (!S_ISREG(st.st_mode) || access(name, X_OK) < 0)
		return fail("cannot run '%s': %s", name, strerror(EACCES));
	*path = strdup(name);
	return *path ? 0 : fail("out of memory");
}

/* The first word after "#!"; the kernel skips spaces and tabs before it. */
static void read_script(struct image *image, const char *line)
{
	size_t n;

	line += strspn(line, " \t");
	n = strcspn(line, " \t\n");
	if (n < sizeof(image->interpreter)) {
		memcpy(image->interpreter, line, n);
		image->interpreter[n] = 0;
	}
}

static void read_segments(struct image *image, int fd, const ElfW(Ehdr) * head)
{
	ElfW(Phdr) segment;

	if (head->e_phentsize != sizeof(segment))
		return;
	for (unsigned i = 0; i < head->e_phnum; i++) {
		off_t at = (off_t)(head->e_phoff + i * sizeof(segment));

		if (pread(fd, &segment, sizeof(segment), at) !=
		    (ssize_t)sizeof(segment))
			return;
		if (segment.p_type != PT_INTERP ||
		    segment.p_filesz >= sizeof(image->interpreter))
			continue;
		image->is_dynamic =
			pread(fd, image->interpreter, segment.p_filesz,
			      (off_t)segment.p_offset) > 0;
	}
}

/* Returns 0 or an errno value. */
static int read_image(struct image *image, const char *path)
{
	union {
		char text[256];
		ElfW(Ehdr) elf;
	} head;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n;

	*image = (struct image){ 0 };
	if (fd < 0)
		return errno;

	memset(&head, 0, sizeof(head));
	n = pread(fd, &head, sizeof(head) - 1, 0);
	if (n >= EI_NIDENT && memcmp(head.text, ELFMAG, SELFMAG) == 0) {
		image->is_elf = true;
		image->class = head.elf.e_ident[EI_CLASS];
		image->data = head.elf.e_ident[EI_DATA];
		image->machine = head.elf.e_machine;
		if (image->class ==
		    (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32))
			read_segments(image, fd, &head.elf);
	} else if (n > 2 && memcmp(head.text, "#!", 2) == 0) {
		read_script(image, head.text + 2);
	}
	close(fd);
	return 0;
}

static const char *machine_name(const struct image *image)
{
	static const struct {
		uint16_t machine;
		const char *name;
	} names[] = {
		{ EM_386, "i386" },	   { EM_X86_64, "x86-64" },
		{ EM_ARM, "arm" },	   { EM_AARCH64, "aarch64" },
		{ EM_PPC64, "powerpc64" }, { EM_S390, "s390x" },
		{ EM_RISCV, "riscv" },	   { EM_MIPS, "mips" },
	};

	if (image->machine == EM_X86_64 && image->class == ELFCLASS32)
		return "x32";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].machine == image->machine)
			return names[i].name;
	return "a machine without a name here";
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/*
 * The dynamic linker's name says which C library it belongs to:
 * ld-linux-x86-64.so.2, ld-musl-x86_64.so.1, ld-uClibc.so.0, linker64.  The
 * folder does not matter: some distributions have theirs elsewhere.
 */
static int check_c_library(const char *path, const struct image *image)
{
	const char *linker = base_name(image->interpreter);
	struct image own;

	if (strncmp(linker, "ld-musl-", 8) == 0)
		return fail("cannot record '%s': it uses musl, and the shim "
			    "needs glibc",
			    path);
	if (read_image(&own, "/proc/self/exe") == 0 && own.is_dynamic &&
	    strcmp(linker, base_name(own.interpreter)) != 0)
		return fail("cannot record '%s': it uses another C library "
			    "than the shim, by its dynamic linker '%s'",
			    path, image->interpreter);
	return 0;
}

static int check_elf(const char *path, const struct image *image,
		     const char *shim)
{
	struct image ours;
	int error = read_image(&ours, shim);

	if (error)
		return fail("cannot read '%s': %s", shim, strerror(error));
	if (image->machine != ours.machine || image->class != ours.class ||
	    image->data != ours.data)
		return fail("cannot record '%s': it is built for %s, and the "
			    "shim for %s",
			    path, machine_name(image), machine_name(&ours));
	if (!image->is_dynamic)
		return fail("cannot record '%s': it is statically linked, so "
			    "nothing can be preloaded into it",
			    path);
	return check_c_library(path, image);
}

static int check_rights(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return fail("cannot run '%s': %s", path, strerror(errno));
	if (st.st_mode & S_ISUID)
		return fail("cannot record '%s': it is a set-user-ID program, "
			    "for which the system ignores preloading",
			    path);
	if ((st.st_mode & S_ISGID) && (st.st_mode & S_IXGRP))
		return fail("cannot record '%s': it is a set-group-ID program, "
			    "for which the system ignores preloading",
			    path);
	if (getxattr(path, "security.capability", NULL, 0) > 0)
		return fail("cannot record '%s': it has file capabilities, "
			    "for which the system ignores preloading",
			    path);
	return 0;
}

int program_check(const char *path, const char *shim)
{
	struct image image;
	char script[sizeof(image.interpreter)];

	for (int depth = 0; depth <= MAX_SCRIPTS; depth++) {
		int error = read_image(&image, path);

		/* One that may be run but not read is taken on trust. */
		if (error == EACCES)
			return check_rights(path);
		if (error)
			return fail("cannot run '%s': %s", path,
				    strerror(error));
		if (image.is_elf) {
			int refused = check_rights(path);

			return refused ? refused
				       : check_elf(path, &image, shim);
		}
		/* Rights of a script are ignored.  What is neither ELF nor
		   has "#!" execvp() gives to the shell. */
		snprintf(script, sizeof(script), "%s",
			 *image.interpreter ? image.interpreter : "/bin/sh");
		path = script;
	}
	return fail("cannot run '%s': %s", path, strerror(ELOOP));
}

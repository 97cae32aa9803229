/* SPDX-License-Identifier: MIT */
#include "real.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "imports.h"

struct real real;
struct real_malloc real_malloc;

static const struct row {
	const char *name;
	const char *version;
	size_t offset; /* of the pointer, in struct real */
} rows[] = {
#define CALL(id, ret, name, params, op, class, version) \
	{ #name, version, offsetof(struct real, name) },
#include "calls.def"
#include "maps.def"
#undef CALL
};

static const char *const sonames[] = {
#define MAP_FAMILY(family, title, soname, discipline) soname,
#define LIBRARY(soname)				      soname,
#define CALL(id, ret, name, params, op, class, version)
#include "calls.def"
#include "maps.def"
#undef CALL
};

/* The hash functions whose keys can be read. */
static struct hash {
	const char *name;
	enum key_kind kind;
	void *const *maker; /* there if the library is */
	/* As the program sees it (a PLT entry of its own, it may be) and as
	   the library does. */
	const void *address[2];
} hashes[] = {
#define MAP_HASH(name, kind, maker) \
	{ #name, kind, (void *const *)(void *)&real.maker, { NULL, NULL } },
#define CALL(id, ret, name, params, op, class, version)
#include "maps.def"
#undef CALL
};

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

/* In a library that is loaded, but not where RTLD_NEXT looks. */
static void *in_family_library(const char *name)
{
	for (size_t i = 0; i < N_OF(sonames); i++) {
		void *lib =
			sonames[i] ? dlopen(sonames[i], RTLD_LAZY | RTLD_NOLOAD)
				   : NULL;
		void *f = lib ? dlsym(lib, name) : NULL;

		if (lib)
			real.dlclose(lib); /* drops our reference, not theirs */
		if (f)
			return f;
	}
	return NULL;
}

/* A port with one version only has no versioned symbol to find. */
static void *next_definition(const struct row *row)
{
	void *f = NULL;

	if (row->version)
		f = dlvsym(RTLD_NEXT, row->name, row->version);
	if (!f)
		f = dlsym(RTLD_NEXT, row->name);
	return f;
}

static void **pointer_of(const struct row *row)
{
	return (void **)(void *)((char *)&real + row->offset);
}

/* Where the file begins that has the function; NULL: not known. */
static const void *file_of(void *function)
{
	Dl_info info;

	return function && dladdr(function, &info) ? info.dli_fbase : NULL;
}

/* A program may have libc's malloc_usable_size() behind a free() of its own,
   of whose blocks it knows nothing. */
static void resolve_malloc(void)
{
	const void *file = file_of(*(void **)(void *)&real.free);
	void *bytes = dlsym(RTLD_NEXT, "malloc_usable_size");

	if (!file || file_of(bytes) != file)
		return;
	*(void **)(void *)&real_malloc.bytes = bytes;
	real_malloc.is_libc =
		file == file_of(dlsym(RTLD_NEXT, "gnu_get_libc_version"));
	real_malloc.has_delete =
		file == file_of(*(void **)(void *)&real._ZdlPv);
}

/*
 * Where operator delete ends in free(), or is not there yet, ours is taken out
 * of sight: a library that comes later with a pair of its own
 * (dlopen(RTLD_LOCAL) from a program in C) would have its new, and our delete.
 */
static void hide_delete(void)
{
	static const char operators[] = "_Zd"; /* l: one, a: an array */
	const void *own = file_of((void *)(uintptr_t)real_resolve);

	for (size_t i = 0; i < N_OF(rows) && !real_malloc.has_delete; i++) {
		const char *name = rows[i].name;
		void *f = strncmp(name, operators, sizeof(operators) - 1) == 0
				  ? dlsym(RTLD_DEFAULT, name)
				  : NULL;

		if (f && file_of(f) == own)
			imports_hide(f);
	}
}

static void find_hashes(void)
{
	for (size_t i = 0; i < N_OF(hashes); i++) {
		struct hash *h = &hashes[i];

		if (h->address[1] || !*h->maker)
			continue;
		h->address[0] = dlsym(RTLD_DEFAULT, h->name);
		h->address[1] = dlsym(RTLD_NEXT, h->name);
		if (!h->address[1])
			h->address[1] = in_family_library(h->name);
		if (!h->address[0])
			h->address[0] = h->address[1];
	}
}

enum key_kind real_key_kind(const void *hash_function)
{
	for (size_t i = 0; i < N_OF(hashes); i++)
		if (hash_function == hashes[i].address[0] ||
		    hash_function == hashes[i].address[1])
			return hash_function ? hashes[i].kind : KEY_NONE;
	return KEY_NONE;
}

void real_resolve(void)
{
	for (size_t i = 0; i < N_OF(rows); i++)
		if (!*pointer_of(&rows[i]))
			*pointer_of(&rows[i]) = next_definition(&rows[i]);
	resolve_malloc();
	hide_delete();
	find_hashes();
}

bool real_found_late(void *const *pointer)
{
	for (size_t i = 0; i < N_OF(rows); i++) {
		void **slot = pointer_of(&rows[i]);

		if (slot != pointer)
			continue;
		if (!*slot)
			*slot = next_definition(&rows[i]);
		if (!*slot)
			*slot = in_family_library(rows[i].name);
		find_hashes();
		return *slot != NULL;
	}
	return false;
}

void *real_data(const char *name)
{
	void *data = dlsym(RTLD_DEFAULT, name);

	return data ? data : in_family_library(name);
}

void *real_own_library(const char *soname)
{
	return dlopen(soname, RTLD_NOW | RTLD_LOCAL);
}

void *real_own_symbol(void *library, const char *name)
{
	return dlsym(library, name);
}

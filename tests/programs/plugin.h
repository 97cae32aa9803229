/* SPDX-License-Identifier: MIT */
/*
 * For programs that load a library of this folder: it lies beside them,
 * in lib/, as the folder of its source does.
 */
#ifndef TESTS_PLUGIN_H
#define TESTS_PLUGIN_H

#include <dlfcn.h>
#include <limits.h>
#include <string.h>

#include "program.h"

static inline const char *plugin_path(const char *name)
{
	static char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 64);

	must(n > 0, "find the program");
	while (n > 0 && path[n - 1] != '/')
		n--;
	snprintf(path + n, 64, "lib/%s.so", name);
	return path;
}

static inline void *plugin_open_with(const char *name, int flags)
{
	void *library = dlopen(plugin_path(name), flags);

	must(library != NULL, "load the library");
	return library;
}

static inline void *plugin_open(const char *name)
{
	return plugin_open_with(name, RTLD_NOW | RTLD_LOCAL);
}

/* In a namespace of its own, with a libc of its own. */
static inline void *plugin_open_in(const char *name, Lmid_t namespace)
{
	void *library = dlmopen(namespace, plugin_path(name), RTLD_NOW);

	must(library != NULL, "load the library");
	return library;
}

static inline void *plugin_symbol(void *library, const char *name)
{
	void *symbol = dlsym(library, name);

	must(symbol != NULL, "find a symbol");
	return symbol;
}

#endif

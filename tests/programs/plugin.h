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

static inline void *plugin_open(const char *name)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 64);
	void *library;

	must(n > 0, "find the program");
	while (n > 0 && path[n - 1] != '/')
		n--;
	snprintf(path + n, 64, "lib/%s.so", name);
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
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

/* SPDX-License-Identifier: MIT */
/*
 * What a library calls, made to call something else: its slots of the global
 * offset table are rewritten.  For our own use of libunwind only.
 */
#ifndef SHIM_IMPORTS_H
#define SHIM_IMPORTS_H

#include <stdbool.h>
#include <stddef.h>

struct import {
	const char *name;
	void (*replacement)(void); /* of the import's own type */
};

/*
 * Redirects every import of the loaded library that is named in the n rows;
 * a row may name what this version of it does not use.  False: its tables
 * cannot be read or written.  Not thread-safe: before anybody else uses the
 * library.
 */
bool imports_redirect(void *library, const struct import *rows, size_t n);

/*
 * Takes an exported function out of its library's table of symbols: who looks
 * it up from then on finds the next one of that name.  The same holds.
 */
void imports_hide(const void *function);

#endif

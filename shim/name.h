/* SPDX-License-Identifier: MIT */
/*
 * What a trace is called, and which file of that name may be replaced: a
 * finished trace, never one of a live process, nor what is no trace.
 *
 * Async-signal-safe, takes no lock that is waited for, keeps errno, allocates
 * nothing.
 */
#ifndef SHIM_NAME_H
#define SHIM_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

/*
 * Keeps what names are made of: once, before name_open(), from the
 * constructor (the program may change its directory later).
 */
void name_prepare(void);

/* Of this program: an absolute path, or "". */
const char *name_program(void);

/*
 * What it was started as: the last part of the path given to exec, which may
 * be a link to a program of many names, or a script.
 */
const char *name_started(void);

/* When this process began, in clock ticks after boot; 0: not known. */
uint64_t name_process_start(uint32_t pid);

/*
 * Creates and opens the first free name for this process's trace, and writes
 * it to path.  With forked, this is not the first process of this name: see
 * DECISIONS on names in the README.  A descriptor, or a negative errno value;
 * -EEXIST: what has the name is not ours to replace.
 */
long name_open(struct text *path, bool forked, uint32_t pid);

#endif

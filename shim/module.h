/* SPDX-License-Identifier: MIT */
/*
 * Modules: the files that code comes from, as read from /proc/self/maps.
 *
 * The dynamic linker's own list is not asked after the start: that takes its
 * lock, and a thread that holds it may be waiting for a lock that the thread
 * we record in holds.  libunwind asks dl_iterate_phdr(); it is answered from
 * here while we are the ones who call it, everybody else gets the real one.
 *
 * Everything here runs under unwind_lock().
 */
#ifndef SHIM_MODULE_H
#define SHIM_MODULE_H

#include <stdbool.h>
#include <stdint.h>

struct context;

/* Reads the modules and defines all of them: at the start of a trace. */
void module_begin(struct context *c);

/*
 * Reads them again, after code was or may have been mapped or unmapped;
 * defines what changed, and begins a new epoch if something did: then true.
 */
bool module_refresh(struct context *c);

/*
 * Whether the address lies in a module.  One that is not known yet makes the
 * list be read again, though not each time if that led to nothing lately (a
 * program that generates code).  *changed: it was, and had changed.
 */
bool module_covers(struct context *c, uintptr_t address, bool *changed);

#endif

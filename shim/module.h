/* SPDX-License-Identifier: MIT */
/*
 * Modules: the files that code comes from, as read from /proc/self/maps.
 *
 * The dynamic linker's own list is not asked after the start: that takes its
 * lock, and a thread that holds it may be waiting for a lock that the thread
 * we record in holds.
 *
 * Everything here runs under unwind_lock().
 */
#ifndef SHIM_MODULE_H
#define SHIM_MODULE_H

#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct context;

/* Which list of modules is the current one.  A forked child counts on. */
extern _Atomic uint32_t module_epoch __attribute__((visibility("hidden")));

/* Reads the modules and defines all of them: at the start of a trace. */
void module_begin(struct context *c);

enum module_change {
	MODULES_SAME,
	MODULES_CAME,
	MODULES_GONE, /* some went; others may have come */
};

/*
 * Reads them again, after code was or may have been mapped or unmapped;
 * defines what changed, and begins a new epoch if something did.
 */
enum module_change module_refresh(struct context *c);

/*
 * Whether the address lies in a module.  One that is not known yet makes the
 * list be read again, though not each time if that led to nothing lately (a
 * program that generates code), and so does one whose module turns out to be
 * another by now.  *change: what was read, if it was.
 */
bool module_covers(struct context *c, uintptr_t address,
		   enum module_change *change);

/* Whether it lies in a module as the list was read last. */
bool module_has(uintptr_t address);

/* dl_iterate_phdr(3) over the list as it was read last. */
int module_iterate(int (*callback)(struct dl_phdr_info *, size_t, void *),
		   void *data);

#endif

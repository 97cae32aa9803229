/* SPDX-License-Identifier: MIT */
/*
 * Modules: the files that code comes from, as read from /proc/self/maps, and
 * later, one at a time, as the dynamic linker knows the address.
 *
 * Its list is not asked for: that takes its lock, and a thread that holds it
 * may be waiting for a lock that the thread we record in holds.
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

/*
 * Goes up when a stack that was walked before may be another one by now: code
 * went, or some that had been taken for generated turned out to be a module's.
 * Modules that just come change no stack that there was.
 */
extern _Atomic uint32_t module_generation __attribute__((visibility("hidden")));

/* Reads the modules and defines all of them: at the start of a trace. */
void module_begin(struct context *c);

/*
 * Looks which are there no more, after code was unmapped; defines that, and
 * forgets the rules of their code.  Returns whether one is gone.
 */
bool module_find_gone(struct context *c);

/*
 * Whether the address lies in a module.  One that is not known yet is asked of
 * the dynamic linker; if that does not help the list is read again, though not
 * each time if that led to nothing lately (a program that generates code), and
 * also if the address is another module's by now.  *gone: whether others were
 * found to be there no more.
 */
bool module_covers(struct context *c, uintptr_t address, bool *gone);

/* Whether it lies in a module that is known. */
bool module_has(uintptr_t address);

/* dl_iterate_phdr(3), as if there were only the module of that address. */
int module_tell(uintptr_t address,
		int (*callback)(struct dl_phdr_info *, size_t, void *),
		void *data);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Annotations: what a program may tell the recorder about order that it makes
 * by means which cannot be seen -- an atomic flag, a queue without locks, a
 * lock of its own, a map whose functions are inline.
 *
 * Include this header and call; nothing is linked, and the program is the same
 * without the recorder: a call then costs a load and a branch.
 *
 *	producer                          consumer
 *	fill(item);                       item = pop(queue);
 *	cmshim_happens_before(item);      cmshim_happens_after(item);
 *	push(queue, item);                use(item);
 *
 * All of these may be called by any thread, holding anything; they neither
 * block nor fail nor change errno.  Addresses are names: what they lead to is
 * not looked at.
 *
 * C99 or C++, by gcc or clang.  An executable that is not position independent
 * (-no-pie) sees no weak symbols of what is preloaded: the linker has already
 * made them null.  Define CMSHIM_ANNOTATE_DLSYM there before including this
 * header; with glibc before 2.34 it is then linked with -ldl.
 *
 * Programs that were annotated for other tools (AnnotateHappensBefore() and
 * its relatives of dynamic_annotations.h, where they are functions) are
 * understood as they are: what happens before and after, locks, condition
 * variables and queues.  Those that ask a tool to be silent (AnnotateIgnore...,
 * AnnotateBenignRace...) are about plain memory, which is not looked at here;
 * they stay what they are without the recorder.
 */
#ifndef CMSHIM_ANNOTATE_H
#define CMSHIM_ANNOTATE_H

#ifdef CMSHIM_ANNOTATE_DLSYM
#include <dlfcn.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#ifdef CMSHIM_ANNOTATE_DLSYM
/* Looked up at the first call of each source file; two threads that do so at
   once find the same. */
#define CMSHIM_ANNOTATE(what, params, args)                                 \
	static inline void cmshim_##what params                             \
	{                                                                   \
		static void *found;                                         \
		static char asked;                                          \
		void(*f) params;                                            \
                                                                            \
		if (!__atomic_load_n(&asked, __ATOMIC_ACQUIRE)) {           \
			__atomic_store_n(                                   \
				&found,                                     \
				dlsym(RTLD_DEFAULT, "cmshim_on_" #what),    \
				__ATOMIC_RELAXED);                          \
			__atomic_store_n(&asked, 1, __ATOMIC_RELEASE);      \
		}                                                           \
		*(void **)(&f) = __atomic_load_n(&found, __ATOMIC_RELAXED); \
		if (f)                                                      \
			f args;                                             \
	}
#else
#define CMSHIM_ANNOTATE(what, params, args)                 \
	__attribute__((weak)) void cmshim_on_##what params; \
	static inline void cmshim_##what params             \
	{                                                   \
		if (cmshim_on_##what)                       \
			cmshim_on_##what args;              \
	}
#endif

/*
 * What this thread has done so far happens before whatever any thread does
 * after it calls cmshim_happens_after() with the same object.
 */
CMSHIM_ANNOTATE(happens_before, (const volatile void *object), (object))
CMSHIM_ANNOTATE(happens_after, (const volatile void *object), (object))

/*
 * A lock of the program's own: has been taken, is about to be given up.
 * shared: 1 for a reader's hold of a lock that has readers, else 0.
 */
CMSHIM_ANNOTATE(lock_acquired, (const volatile void *lock, int shared),
		(lock, shared))
CMSHIM_ANNOTATE(lock_released, (const volatile void *lock, int shared),
		(lock, shared))

/*
 * This thread is about to read, or to change, a map of a kind that the
 * recorder does not know.  key is taken as an address; NULL for all of it.
 */
CMSHIM_ANNOTATE(map_read, (const volatile void *map, const void *key),
		(map, key))
CMSHIM_ANNOTATE(map_write, (const volatile void *map, const void *key),
		(map, key))

/*
 * Calls what is at the address (a lock, a map, a queue ...) by name in
 * reports.  It may be named before its first use; after its initialisation, if
 * a call is made for that.  Copied, up to 63 bytes; of two names the later
 * counts.  A few hundred are kept for what has not been used yet.
 */
CMSHIM_ANNOTATE(name_object, (const volatile void *object, const char *name),
		(object, name))

#ifdef __cplusplus
}
#endif

#endif

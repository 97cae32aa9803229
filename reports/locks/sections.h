/* SPDX-License-Identifier: MIT */
/*
 * The critical sections of one lock that ended last, to say who had it while
 * somebody waited.
 *
 * The recorder stamps each release that happens while a thread waits, so what
 * lies between two stamps inside a wait belongs to the section that ended at
 * the second one, however its acquire was recorded.
 */
#ifndef REPORTS_SECTIONS_H
#define REPORTS_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store.h"

/* What an analysis may keep. */
#define SECTIONS_BYTES ((size_t)64 << 20)

struct section {
	uint64_t end_ns;
	uint32_t thread; /* that held the lock; 0: not known */
	uint32_t stack;	 /* where it was taken */
};

struct sections {
	struct section *stamped; /* in the order of the lock's numbers */
	size_t n, room;
	struct section last;
	bool last_is_unstamped;
};

void sections_release(struct sections *s);

/* A section has ended; end_ns counts only if has_time.  What is left is for
   the sections of all locks.  By value: in registers, where a pointer would
   have it read back right after it was stored. */
void sections_add(struct sections *s, struct section ended, bool has_time,
		  struct allowance *left);

/*
 * Splits a wait that ended now, with the lock taken: calls share() for each
 * section that it was spent on, the last one first.  The parts add up to the
 * wait.  What follows the last release, until the waiter ran again, counts
 * for the section that ended with it.
 */
void sections_split(const struct sections *s, uint64_t from_ns, uint64_t to_ns,
		    void (*share)(void *context, const struct section *holder,
				  uint64_t ns),
		    void *context);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The accesses of an STD trace in groups: of one variable by one thread, reads
 * or writes.
 */
#ifndef REPORTS_ACCESSES_H
#define REPORTS_ACCESSES_H

#include "reorder/groups.h"
#include "std/std_holds.h"

struct access {
	uint32_t thread;
	bool is_write;
	uint32_t next;	 /* group of the same variable; NO_GROUP: the last */
	uint32_t n_seen; /* for whoever goes through the trace: so far ... */
	uint32_t last;	 /* ... and the place of the last; 0: none */
};

struct accesses {
	struct groups groups;
	struct access *all; /* [group] */
	size_t room;
	/* [variable] its groups, the writes before the reads */
	struct first {
		uint32_t group, last_write;
	} * first;
};

void accesses_init(struct accesses *accesses, const struct std_trace *trace,
		   const struct std_holds *holds);
void accesses_release(struct accesses *accesses);

/*
 * The groups whose accesses conflict with those of a group:
 *
 *	for (g = accesses_first(&accesses, ev->object, own); g != NO_GROUP;
 *	     g = accesses_next(&accesses, g, own))
 */
uint32_t accesses_first(const struct accesses *accesses, uint32_t var,
			uint32_t own);
uint32_t accesses_next(const struct accesses *accesses, uint32_t group,
		       uint32_t own);

#endif

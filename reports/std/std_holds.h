/* SPDX-License-Identifier: MIT */
/*
 * Who holds which locks at each event of an STD trace.
 *
 * A lock is held from the acquire that finds its thread without it to the
 * release that gives back as many as were taken.  What lies between of the
 * same lock and thread counts for nothing, and neither does a release of what
 * the thread does not hold.  Threads are looked at one by one: in a trace that
 * breaks lock discipline two may hold one lock.
 */
#ifndef REPORTS_STD_HOLDS_H
#define REPORTS_STD_HOLDS_H

#include <stdbool.h>

#include "std/heldsets.h"
#include "std/std.h"

#define STD_NOTHING UINT32_MAX

struct std_holds {
	uint32_t *pos; /* [event] its place in its thread, from 1 */
	/* [event] what its thread held just before, of heldsets.h;
	   STD_NOTHING for acquires, requests and releases that count for
	   nothing. */
	uint32_t *set;
	/* [event] of an acquire that counts: the place of its release in the
	   thread, or UINT32_MAX, which is behind all, if there is none. */
	uint32_t *until;
	uint32_t *length; /* [thread] events */
	struct heldsets sets;
	bool has_requests;
	struct arena *mem; /* of the arrays */

	/*
	 * Events that break lock discipline.  A lock belongs to whoever took it
	 * last, until as many releases as acquires were its owner's.  Acquires
	 * of another's lock and releases by others break it; so does, in a
	 * trace where a release is missing, each later change of owner.
	 */
	uint64_t violations;
};

void std_holds_init(struct std_holds *holds, const struct std_trace *trace);
void std_holds_release(struct std_holds *holds);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Durations that are few for most locks: those are kept as they are, in a
 * thirtieth of the memory.  Zeroed is none.
 */
#ifndef REPORTS_TALLY_H
#define REPORTS_TALLY_H

#include "report.h"

enum { TALLY_FEW = 6 };

struct tally {
	uint64_t n;
	struct durations *all; /* the arena's, if more */
	uint64_t few[TALLY_FEW];
};

void tally_add(struct tally *t, uint64_t ns, struct arena *mem);

struct duration_figures tally_figures(const struct tally *t);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Durations that are few for most locks: those are kept as they are, in a
 * thirtieth of the memory, a single one in less.  Zeroed is none.
 */
#ifndef REPORTS_TALLY_H
#define REPORTS_TALLY_H

#include "report/report.h"

enum { TALLY_FEW = 6 };

/* A duration, at most three days, and for how many it stands. */
struct tally_one {
	uint64_t ns : 48, weight : 16;
};

struct tally {
	uint64_t n;
	union {
		struct tally_one only; /* if it is one */
		struct tally_one *few; /* if they are TALLY_FEW at most; the
					  arena's, as is */
		struct durations *all; /* if they are more */
	};
};

/* weight: 1, or of one of a sample for how many it stands. */
void tally_add(struct tally *t, uint64_t ns, uint16_t weight,
	       struct arena *mem);

struct duration_figures tally_figures(const struct tally *t);

#endif

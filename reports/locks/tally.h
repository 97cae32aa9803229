/* SPDX-License-Identifier: MIT */
/*
 * Durations that are few for most locks: those are kept as they are, in a
 * thirtieth of the memory, a single one in less.  Zeroed is none.
 */
#ifndef REPORTS_TALLY_H
#define REPORTS_TALLY_H

#include "report/report.h"

enum { TALLY_FEW = 6 };

struct tally {
	uint64_t n;
	union {
		uint64_t only;	       /* if it is one */
		uint64_t *few;	       /* if they are TALLY_FEW at most; the
					  arena's, as is */
		struct durations *all; /* if they are more */
	};
};

void tally_add(struct tally *t, uint64_t ns, struct arena *mem);

struct duration_figures tally_figures(const struct tally *t);

#endif

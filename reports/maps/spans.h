/* SPDX-License-Identifier: MIT */
/*
 * A number over time, in a fixed number of equal spans: what was added to it
 * in each.  The spans double when time has gone past the last one, so the
 * order in which additions are told does not matter.
 */
#ifndef REPORTS_SPANS_H
#define REPORTS_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { N_SPANS = 32, MIN_SPANS = 8 };

struct spans {
	uint64_t span_ns; /* 0: nothing was added yet */
	int64_t sum;	  /* of all */
	int64_t added[N_SPANS];
};

void spans_add(struct spans *s, uint64_t time_ns, int64_t n);

/*
 * The number at the end of each span up to end_ns, if it is last in the end;
 * none below zero.  Returns how many spans: more than half of N_SPANS unless
 * the time is very short.
 */
size_t spans_list(struct spans *s, uint64_t end_ns, uint64_t last,
		  uint64_t out[N_SPANS]);

/* Whether it went up in nine of ten spans since it was not zero, on a line
   that goes up (Theil and Sen's: the median of all slopes). */
bool spans_grow(const uint64_t *at, size_t n);

#endif

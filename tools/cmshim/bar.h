/* SPDX-License-Identifier: MIT */
/*
 * How far the reading is, on the last line of a terminal, once it takes
 * noticeably long: a bar, the rate, and how long it will take from now.  Above
 * it, what is known of the trace already.
 */
#ifndef CMSHIM_BAR_H
#define CMSHIM_BAR_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct bar {
	struct timespec begun; /* with this trace, or its second reading */
	char title[160];       /* a line above it; empty: none */
	const char *what;
	bool is_shown;
};

void bar_begin(struct bar *bar);
/* what: literal; the rate is that since it was another. */
void bar_show(struct bar *bar, const char *what, double done,
	      uint64_t n_events);
void bar_clear(struct bar *bar);

#endif

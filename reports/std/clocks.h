/* SPDX-License-Identifier: MIT */
/*
 * Vector clocks: for each thread how many events of each other one are known
 * to come before what it does next.
 *
 * A stamp is what a thread knew at one of its events.  Stamps of one thread
 * share their numbers for as long as it learns nothing new, so a stamp costs
 * little where threads seldom meet; and whoever knows the event a stamp is of
 * knows all that is in it, which makes most joins one comparison.
 */
#ifndef REPORTS_CLOCKS_H
#define REPORTS_CLOCKS_H

#include <stdbool.h>
#include <stdint.h>

struct clocks;
struct knowledge;

/* Zero: of no event.  Released with clocks_forget(). */
struct stamp {
	struct knowledge *known;
	uint32_t thread, pos;
	bool is_sum; /* there is more in it: knowing the event is not enough */
};

struct clocks *clocks_new(uint32_t n_threads);
void clocks_free(struct clocks *clocks); /* after all stamps */

/* The thread has done its event number pos, from 1. */
void clocks_tick(struct clocks *clocks, uint32_t thread, uint32_t pos);

/* How many events of `other` come before what `thread` does next. */
uint32_t clocks_known(const struct clocks *clocks, uint32_t thread,
		      uint32_t other);

/* Makes the stamp the thread's last event, in place of what it was. */
void clocks_stamp(struct clocks *clocks, uint32_t thread, struct stamp *stamp);

/* The same, but what was in the stamp stays in it. */
void clocks_stamp_also(struct clocks *clocks, uint32_t thread,
		       struct stamp *stamp);

/* From now on the thread knows what is in the stamp. */
void clocks_join(struct clocks *clocks, uint32_t thread,
		 const struct stamp *stamp);

void clocks_forget(struct stamp *stamp);

/* What `from` has done comes before what `to` does next. */
void clocks_order(struct clocks *clocks, uint32_t from, uint32_t to);

#endif

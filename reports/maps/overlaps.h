/* SPDX-License-Identifier: MIT */
/*
 * Overlaps found, folded: one group for each map and pair of places (call
 * and stack), with a count and an example.
 */
#ifndef REPORTS_OVERLAPS_H
#define REPORTS_OVERLAPS_H

#include "world/site.h"

enum overlap_rule { OVERLAP_RACE, OVERLAP_ORDERED, OVERLAP_DESTROYED };

extern const struct rule overlap_rules[]; /* by enum; ends with id NULL */

/* One call of an overlap. */
struct part {
	struct site site;
	uint64_t number; /* of the write; of a read: of the one before it */
	bool is_write;
};

#define MAX_CANDIDATES 8u

/* Writes that may have been inside when a read entered. */
struct candidates {
	bool is_proved;	  /* some was there for sure, and is reported */
	bool is_doubtful; /* there may be others than those known */
	uint32_t n;
	struct part parts[MAX_CANDIDATES]; /* of different places */
};

struct overlaps;

struct overlaps *overlaps_new(void);
void overlaps_free(struct overlaps *all);

/* Two calls that were inside map at once; count pairs of the same places. */
void overlaps_add(struct overlaps *all, uint32_t map, struct part a,
		  struct part b, uint64_t count);

/*
 * Of two calls that were inside at once happens-before says that one came
 * after the other: a mistake of ours.
 */
void overlaps_contradict(struct overlaps *all, uint32_t map, struct part a,
			 struct part b);

/* One write more that may have been inside; of a place the last one counts. */
void overlaps_consider(struct overlaps *all, struct candidates *c,
		       const struct site *site, uint64_t number);

/* A read that was inside with one of the candidates at least. */
void overlaps_add_one_of(struct overlaps *all, uint32_t map, struct part read,
			 const struct candidates *c);

/*
 * Adds a finding for each group.  unproven is, by map, how many calls met one
 * of which there is no record.  Texts are in mem.
 */
void overlaps_report(struct overlaps *all, const struct world *world,
		     const uint64_t *unproven, struct arena *mem,
		     struct report *out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Maps whose accesses nothing keeps apart, folded: one finding for all maps
 * that are made at one place, with an example.
 */
#ifndef REPORTS_RACES_H
#define REPORTS_RACES_H

#include "maps/guards.h"
#include "report/report.h"

enum race_rule {
	RACE_UNORDERED,
	RACE_NO_COMMON_LOCK,
	RACE_SHARED_LOCK,
	RACE_BY_KEY,
	RACE_TWO_LOCKS,
	RACE_REORDERED,
	RACE_IN_CALLBACK,
	N_RACE_RULES,
};

extern const struct rule race_rules[N_RACE_RULES + 1];

/* How a pair of accesses came to be of interest; the worst first. */
enum race_kind {
	PAIR_UNORDERED,	  /* nothing recorded orders them */
	PAIR_UNGUARDED,	  /* ordered, but by no lock in common */
	PAIR_BY_A_SIGNAL, /* ordered by a condition's signal only */
	N_PAIR_KINDS,
};

struct pair {
	struct access first, second;
	struct epoch at; /* the first */
	bool has_orphan; /* who made one of the threads is not known */
	bool was_left;	 /* what came before was told to whoever looks: see
			    promises.h */
	bool has_last;
	struct last_order last; /* before the second */
	uint64_t count;		/* 0: there is none */
};

/* What was found of one map. */
struct map_races {
	uint32_t object;
	struct pair pairs[N_PAIR_KINDS];
	/* The first that came without a lock that all others had, and whether
	   another thread came after it; 0: none has. */
	uint32_t unguarded_by;
	bool stays_shared;
	const struct guards *guards;
};

struct races;

struct races *races_new(void);
void races_free(struct races *races);

/* What it points to must live until races_report(). */
void races_add(struct races *races, const struct trace_info *info,
	       const struct map_races *map);

void races_report(struct races *races, const struct trace_info *info,
		  const struct world *world, struct arena *mem,
		  struct report *out);

#endif

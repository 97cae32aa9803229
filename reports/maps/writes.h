/* SPDX-License-Identifier: MIT */
/*
 * The writes of one map by number: whose write was number n, and which writes
 * were inside when another call entered.
 *
 * Neither list grows without bound.  Writes one after the other from the same
 * site are one run; of runs and of overlapped writes the recent ones are
 * kept, and it is said when something older is asked for.
 */
#ifndef REPORTS_WRITES_H
#define REPORTS_WRITES_H

#include "world/order.h"
#include "world/site.h"

/* When a call had ended. */
struct ending {
	struct epoch at; /* slot 0: not known */
	uint32_t era;
};

/* Writes from `first` to the number before the next run's. */
struct run {
	uint64_t first;
	struct site site;    /* thread 0: no record of them */
	struct ending ended; /* the last of them */
};

/* A write that others entered before it ended, or one left by longjmp. */
struct long_write {
	uint64_t number;
	uint64_t end;	  /* last write that had entered when it ended */
	uint64_t max_end; /* of it and all before it in the list */
	struct site site;
	struct ending ended;
	bool abandoned; /* it ended at some time before that */
};

struct allowance; /* see store.h */

struct writes {
	struct run *runs;
	size_t n_runs, room_runs;
	uint64_t last;	  /* number that came last; 0: none */
	uint64_t missing; /* first number without a record; 0: none */
	struct long_write *longs;
	size_t n_longs, room_longs;
	uint64_t dropped_end;	/* largest .end of longs not kept */
	struct allowance *left; /* for the runs of all maps; or NULL */
};

void writes_release(struct writes *w);

/* Numbers come in ascending order; those left out have no record. */
void writes_add(struct writes *w, uint64_t number, const struct site *site,
		struct ending ended);

/* The numbers that would come next have no record. */
void writes_gap(struct writes *w);

/* A write has ended.  Only needed if end is past its number. */
void writes_ended(struct writes *w, const struct long_write *ended);

/* The run that has number n, or NULL if it is not kept or did not come. */
const struct run *writes_find(const struct writes *w, uint64_t n);

/* The number after the last one of a run. */
uint64_t writes_run_end(const struct writes *w, const struct run *run);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Two places in the program that follow one another with one key, and the
 * findings about them.
 */
#ifndef REPORTS_PAIRS_H
#define REPORTS_PAIRS_H

#include "event.h"
#include "world/site.h"

enum pair_kind {
	PAIR_NONE,
	PAIR_PUT,	 /* read, then put */
	PAIR_REMOVAL,	 /* read, then a removal that found nothing */
	PAIR_READ_BACK,	 /* write, then read */
	PAIR_READ_AGAIN, /* read, then read at another place */
	PAIR_SIZE,	 /* size, then write */
};

/* Places that follow one another: what is found is told of them. */
struct pair {
	enum pair_kind kind;
	uint32_t map, lock;
	struct site first, second, other; /* other: thread 0 if none */
	uint64_t number;		  /* of the other's write */
	uint64_t n_pairs, n_observed;
	uint64_t n_acted; /* the second began what ended in its own section: a
			     read whose key was written there */
	bool is_one_life; /* the other's write was of the key while it was
			     there; else it may be another thing by the same
			     key, such as an address */
	bool is_one_activity; /* see pairs_are_one_activity() */
};

/* The rules about them, in this order. */
enum pair_rule { RULE_CHECK_THEN_ACT, RULE_UNSERIALIZABLE, RULE_STALE_SIZE };

/*
 * Whether two stacks are of one activation of a function that does both,
 * itself or by way of a function for each: they differ in their two innermost
 * places at most.
 */
bool pairs_are_one_activity(const struct stack_info *a,
			    const struct stack_info *b);

/* Adds the finding, if there is one.  n_second: how often the second place
   was reached, whichever way. */
void pairs_report(const struct pair *p, uint64_t n_second,
		  const struct rule *rules, const struct world *world,
		  struct arena *mem, struct report *out);

#endif

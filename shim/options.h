/* SPDX-License-Identifier: MIT */
/*
 * What the environment asks of the recorder.  Only options.c reads it.
 */
#ifndef SHIM_OPTIONS_H
#define SHIM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
	const char *output; /* CMSHIM_OUTPUT: where traces go; never NULL */
	bool stacks;	    /* CMSHIM_STACKS=full|none */
	bool all_stamps;    /* CMSHIM_STAMPS=sampled|all */
	/* A hold in so many is stamped: of a thread's first holds, and at most
	   when it has had many.  CMSHIM_HOLD_PERIOD: both. */
	uint64_t hold_period, hold_period_most;
	uint64_t block_ns;  /* CMSHIM_BLOCK_US: calls that block for less with
			       a lock held are not recorded */
	uint64_t max_bytes; /* CMSHIM_MAX_SIZE: of a trace; K, M, G */
};

extern struct options options;

/*
 * Reads the environment.  What cannot be understood is taken as not said, and
 * *bad is set to the name of the last such variable.  Called once, by the
 * constructor.
 */
void options_read(char *const *environment, const char **bad);

#endif

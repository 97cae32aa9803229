/* SPDX-License-Identifier: MIT */
/* Runs of acquisitions of one lock in which each had to wait. */
#ifndef REPORTS_CONVOYS_H
#define REPORTS_CONVOYS_H

#include <stdint.h>

#include "store.h"

enum {
	CONVOY_RUN = 16,   /* so many in a row at least */
	CONVOY_QUEUE = 32, /* longer queues count as one less */
};

struct convoy {
	uint64_t n, longest;
	uint64_t handed_ns, n_handed; /* from a release to the next hold */
	uint64_t held_ns, n_held;
	uint32_t queue[CONVOY_QUEUE]; /* how often so many were waiting */
};

/* The run that goes on, and all that were long enough; its queues are in all
   from when it is. */
struct convoys {
	struct {
		uint64_t n, handed_ns, n_handed, held_ns, n_held;
		uint8_t queue[CONVOY_QUEUE];
	} run;
	struct convoy *all; /* the arena's; NULL: none yet */
};

/* The lock was taken after a wait, as one of so many that waited. */
void convoys_waited(struct convoys *convoys, uint64_t queue, struct arena *mem);

/* It was taken at once, or there is no more. */
void convoys_end_run(struct convoys *convoys);

/* The queue length that half of the waits do not exceed. */
unsigned convoy_median_queue(const struct convoy *convoy);

#endif

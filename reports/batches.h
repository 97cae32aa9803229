/* SPDX-License-Identifier: MIT */
/*
 * Events on their way from the thread that decodes and merges to those that
 * analyse: a ring of batches.  Each reader gets every batch, in order; a batch
 * is filled anew when all of them have given it back.
 *
 * One thread may fill; each reader is one thread.  A batch belongs to whoever
 * has it: nothing else need be locked.
 */
#ifndef REPORTS_BATCHES_H
#define REPORTS_BATCHES_H

#include "event.h"

enum { EVENTS_PER_BATCH = 2048 };

struct batch {
	size_t n;
	struct event events[EVENTS_PER_BATCH];
};

struct batches;

struct batches *batches_new(size_t n_readers);
void batches_free(struct batches *batches);

/* Waits for an empty one. */
struct batch *batches_fill(struct batches *batches);
/* What was filled goes to the readers. */
void batches_put(struct batches *batches);
/* Nothing more comes. */
void batches_end(struct batches *batches);

/* The reader's next one, waited for; NULL: nothing more comes. */
const struct batch *batches_take(struct batches *batches, size_t reader);
void batches_give_back(struct batches *batches, size_t reader);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Events on their way from what decodes and merges to what analyses: a ring of
 * batches, and who works on it.  Stage 0 fills batches; each other stage reads
 * every batch, in order; a batch is filled anew when all have read it.
 *
 * A stage is for one thread at a time, and any will do: a thread that has
 * nothing left to do where it is goes where most is.  So no processor is idle
 * while there is work, however unequal the stages are.
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

/* For so many threads; one is better off with no more than one batch. */
struct batches *batches_new(size_t n_readers, size_t n_threads);
void batches_free(struct batches *batches);

/* What a thread is at: a batch that is its own until the next turn. */
struct turn {
	size_t stage;
	struct batch *batch; /* NULL: none yet */
	bool is_last;	     /* to be set in stage 0: no more are to come */
};

enum { STAGE_FILL, STAGE_FIRST_READER };

/*
 * The next one, waited for, when what was done before is done; best of the
 * same stage.  turn->batch is to be NULL the first time, and turn->stage where
 * the thread would begin.  False: all is done.
 */
bool batches_turn(struct batches *batches, struct turn *turn);

#endif

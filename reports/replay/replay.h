/* SPDX-License-Identifier: MIT */
/*
 * What if: the run gone through again under other rules for one lock, in as
 * many cases at once as there are questions.
 *
 * Each case has a clock for each thread.  Between two steps it advances as it
 * did; a wait ends when what ended it has happened, in this case's time, and
 * as much later as it really took.  Who got a lock after whom stays as it was.
 * By the first case, in which nothing is changed, one sees whether the steps
 * explain the run.
 */
#ifndef REPORTS_REPLAY_H
#define REPORTS_REPLAY_H

#include "replay/steps.h"
#include "report/report.h"

enum {
	REPLAY_LOCKS = REPLAYED_LOCKS, /* those waited for longest */
	REPLAY_GROUPS = 32,
};

/* Who waited for whom; threads with one start routine are one group. */
struct replay_groups {
	uint32_t of_thread[REPLAY_GROUPS]; /* one thread of each */
	uint32_t n_threads[REPLAY_GROUPS];
	uint32_t n;
	double wait_ns[REPLAY_GROUPS][REPLAY_GROUPS]; /* of row for column */
};

struct replay {
	double real_ns;				   /* when the last step was */
	double end_ns[REPLAY_LOCKS * N_WHATIFS];   /* of each case */
	double saved_ns[REPLAY_LOCKS * N_WHATIFS]; /* by all threads */
	double lives_ns;			   /* of all threads */
	uint32_t slot[REPLAY_LOCKS];		   /* 0: no more */
	/* Of the waits for this lock: of what nothing seen ended. */
	double unexplained_ns[REPLAY_LOCKS], wait_ns[REPLAY_LOCKS];
	bool has_keys[REPLAY_LOCKS], has_maps[REPLAY_LOCKS];
	bool has_reads[REPLAY_LOCKS], has_blocked[REPLAY_LOCKS];
	/* On the way back from the last event, along what was waited for: */
	double inside_ns[REPLAY_LOCKS]; /* in its sections */
	double handed_ns[REPLAY_LOCKS]; /* from a release to the next hold */
	struct replay_groups groups;
};

static inline unsigned replay_case(unsigned lock, enum whatif what)
{
	return lock * N_WHATIFS + (unsigned)what;
}

/* malloc's. */
struct replay *replay_run(const struct steps *steps,
			  const struct trace_info *info);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The parts of predict(), each of which fills in numbers of its own.
 */
#ifndef REPORTS_PREDICT_PARTS_H
#define REPORTS_PREDICT_PARTS_H

#include "reorder/closure.h"
#include "std/accesses.h"
#include "std/predict.h"
#include "std/std_holds.h"

struct engine {
	const struct std_trace *trace;
	struct std_holds holds;
	struct accesses accesses;
	struct closure *closure;
	uint64_t max_steps; /* of each search */
};

void predict_hb(struct engine *engine, struct prediction *out);
void predict_races(struct engine *engine, struct prediction *out);
void predict_edges(struct engine *engine, struct prediction *out);
void predict_deadlocks(struct engine *engine, struct prediction *out);

#endif

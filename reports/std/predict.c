/* SPDX-License-Identifier: MIT */
/* See predict.h. */
#include "std/predict.h"

#include "std/closure_std.h"
#include "std/predict_parts.h"

struct prediction predict(const struct std_trace *trace, uint64_t max_steps)
{
	struct prediction out = { 0 };
	struct engine engine = {
		.trace = trace,
		.max_steps = trace->n_events > PREDICT_EXACT ? max_steps
							     : UINT64_MAX,
	};

	std_holds_init(&engine.holds, trace);
	accesses_init(&engine.accesses, trace, &engine.holds);
	engine.closure = closure_of_std(trace, &engine.holds);
	out.violations = engine.holds.violations;
	predict_hb(&engine, &out);
	predict_races(&engine, &out);
	predict_edges(&engine, &out);
	predict_deadlocks(&engine, &out);
	closure_free(engine.closure);
	accesses_release(&engine.accesses);
	std_holds_release(&engine.holds);
	return out;
}

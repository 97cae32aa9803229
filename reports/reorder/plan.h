/* SPDX-License-Identifier: MIT */
/* How to see happen what another order of a run would bring (reorder.h). */
#ifndef REPORTS_PLAN_H
#define REPORTS_PLAN_H

#include "reorder/reorder.h"
#include "store.h"

/* In mem: which thread is to be stopped where, and which to go on. */
const char *plan_text(struct arena *mem, const struct trace_info *info,
		      const struct reorder_place *places, size_t n);

#endif

/* SPDX-License-Identifier: MIT */
/* The sync-preserving closure (closure.h) of an STD trace. */
#ifndef REPORTS_CLOSURE_STD_H
#define REPORTS_CLOSURE_STD_H

#include "reorder/closure.h"
#include "std/std_holds.h"

struct closure *closure_of_std(const struct std_trace *trace,
			       const struct std_holds *holds);

#endif

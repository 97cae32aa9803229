/* SPDX-License-Identifier: MIT */
/*
 * The numbers of predict() by the plainest way that is still polynomial: every
 * pair of events and every tuple of requests is tried by itself, with a
 * sync-preserving closure that begins anew and is a set of events.
 *
 * It stands between brute force, which needs no closure but short traces, and
 * the engine, whose traces are long: both are compared with it.
 */
#ifndef TESTS_UNIT_SLOW_PREDICT_H
#define TESTS_UNIT_SLOW_PREDICT_H

#include <stdbool.h>

#include "std/predict.h"

/*
 * Not for long traces: n * n bits.  What closures say is right if lock
 * discipline is kept.  Returns false if some deadlock has too many instances
 * to try them all.
 */
bool slow_predict(const struct std_trace *trace, struct prediction *out);

#endif

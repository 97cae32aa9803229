/* SPDX-License-Identifier: MIT */
/*
 * What the replay has to say, as people see it: what a lock costs the run,
 * the critical path, and who waits for whom.
 */
#ifndef REPORTS_SCREEN_WHATIF_H
#define REPORTS_SCREEN_WHATIF_H

#include "show/screen.h"

void screen_whatif(const struct screen *s, const struct document *doc);

/* Of a finding with a gain: "12 % sooner"; the arena's. */
const char *screen_gain(const struct screen *s, const struct shown_finding *f);

#endif

/* SPDX-License-Identifier: MIT */
/* The rules of analyses/perf_wait.c. */
#ifndef REPORTS_WAIT_RULES_H
#define REPORTS_WAIT_RULES_H

#include "report/report.h"

enum wait_rule {
	WAIT_LONG_HOLD,
	WAIT_CONVOY,
	WAIT_STARVE,
	N_WAIT_RULES,
};

extern const struct rule wait_rules[N_WAIT_RULES + 1];

#endif

/* SPDX-License-Identifier: MIT */
/* The rules of analyses/lifetime.c. */
#ifndef REPORTS_LIFETIME_RULES_H
#define REPORTS_LIFETIME_RULES_H

#include "report/report.h"

enum lifetime_rule {
	LIFETIME_DESTROYED,
	LIFETIME_FREED,
	LIFETIME_INITIALISED,
	N_LIFETIME_RULES,
};

extern const struct rule lifetime_rules[N_LIFETIME_RULES + 1];

#endif

/* SPDX-License-Identifier: MIT */
/*
 * For people: the maps that threads share, as a table.
 */
#ifndef REPORTS_MAPTABLE_H
#define REPORTS_MAPTABLE_H

#include "show/screen.h"

/* With full set also those of one thread; nothing if there are no maps. */
void maptable_print(const struct screen *s, const struct document *doc);

#endif

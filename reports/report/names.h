/* SPDX-License-Identifier: MIT */
/*
 * What the objects and threads of one trace are called in a report.
 *
 * An object is called what the program says; else by its variable, if it is
 * one; else by where it was made or first used.  Of several made at one place
 * the second is " #2", the third " #3", in the order of their numbers, those
 * that were not used not counted.  So names_use() and names_count() are called
 * for all before names_give().
 */
#ifndef REPORTS_NAMES_H
#define REPORTS_NAMES_H

#include "report/report_view.h"
#include "report/symbols.h"

struct names;

/* Texts come from mem; all that is given must outlive the names. */
struct names *names_new(const struct trace_info *info, struct symbols *symbols,
			const struct shown_process *process, struct arena *mem);
void names_free(struct names *names); /* what was named keeps its texts */

void names_use(struct names *names, uint32_t object);
/* It was used, but may not be shown: others' numbers depend on it. */
void names_count(struct names *names, uint32_t object);
void names_give(struct names *names);

/* NULL for number 0 and for an object that was not used. */
const struct shown_object *names_object(const struct names *names,
					uint32_t object);

/* Its site and stack as those of all that were made there, whatever they are
   called; the name is the site. */
struct shown_object names_place(struct names *names, uint32_t object);

/* All threads of the trace; thread n is element n - 1. */
const struct shown_thread *names_threads(struct names *names);

#endif

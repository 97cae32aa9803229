/* SPDX-License-Identifier: MIT */
/*
 * Findings that somebody has looked at and does not want to see again.  One
 * line each:
 *
 *	RULE[,RULE] : SELECTOR=GLOB ... [until=YYYY-MM-DD] [reason="TEXT"]
 *	!RULE		no line below this one is about that rule
 *	# comment
 *
 * RULE is a glob of rule ids.  A finding of the tier "overlap" is proof, so
 * only its rule's full name reaches it.  All selectors have to match:
 *
 *	map= lock=	name of a map, a lock that is part of it; each of
 *			several has to match some
 *	api=		of the map: "GLib GHashTable"
 *	module=		path, or its last part, of some frame
 *	thread=		name of some thread
 *	side= other=	* or frame:GLOB[;frame:GLOB]: functions among the
 *			innermost eight frames of one side, and of another one
 *	tier= key=	as in the JSON report
 *
 * A value with spaces stands in double quotes.  A line is over when the day
 * of until= is.
 */
#ifndef REPORTS_SUPPRESSIONS_H
#define REPORTS_SUPPRESSIONS_H

#include "report/report_view.h"

struct suppressions;

struct suppressions *suppressions_new(void);
void suppressions_free(struct suppressions *all);

/*
 * Adds the lines of a file, or of n bytes of text.  Returns 0, or a negative
 * errno value; *why then says what is wrong, and in which line, until
 * suppressions_free().
 */
int suppressions_read(struct suppressions *all, const char *path,
		      const char **why);
int suppressions_parse(struct suppressions *all, const char *name,
		       const char *text, size_t n, const char **why);

/* Lines that are over on this day, YYYYMMDD as a number, no longer count. */
void suppressions_set_day(struct suppressions *all, uint32_t today);

/* "FILE:LINE" of the line that suppresses the finding, and its reason, until
   suppressions_free(); or NULL. */
const char *suppressions_find(struct suppressions *all,
			      const struct shown_finding *f);

/* The next line that suppressed nothing, or is over, in words; NULL: no
   more.  *at is 0 at first. */
const char *suppressions_remark(struct suppressions *all, size_t *at);

#endif

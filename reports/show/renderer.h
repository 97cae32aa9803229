/* SPDX-License-Identifier: MIT */
/*
 * A renderer: the report, written in one format.
 *
 * To add a format, add a file reports/renderers/<name>.c that defines
 *
 *	const struct renderer renderer_<name> = { ... };
 *
 * and a golden output, tests/golden/<name>.  The build makes the list of
 * renderers from the directory.
 *
 * A renderer decides nothing: sorting, merging, thresholds and suppression
 * have happened, and names are resolved.
 */
#ifndef REPORTS_RENDERER_H
#define REPORTS_RENDERER_H

#include <stdio.h>

#include "report/report_view.h"

struct render_options {
	bool colour;	  /* ANSI sequences may be used */
	bool full_stacks; /* every frame, and every finding and lock */
	unsigned columns; /* of text for people; 0: 80 */
};

struct renderer {
	const char *name;   /* as in --format=NAME */
	const char *help;   /* one line, for --help */
	bool is_for_people; /* may be paged and coloured */

	/*
	 * Writes the whole document.  The same document and options give the
	 * same bytes.  Returns 0, or a negative errno value if it could not
	 * be made; whether out could be written is out's to say.
	 */
	int (*render)(const struct document *doc,
		      const struct render_options *how, FILE *out);
};

/* All of them; ends with NULL. */
extern const struct renderer *const renderers[];

#endif

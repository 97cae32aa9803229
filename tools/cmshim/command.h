/* SPDX-License-Identifier: MIT */
/*
 * A subcommand of cmshim.  Only main.c prints errors: a subcommand calls
 * fail() for each and returns what it returned.
 */
#ifndef TOOLS_CMSHIM_COMMAND_H
#define TOOLS_CMSHIM_COMMAND_H

struct command {
	const char *name;
	const char *help; /* one line */

	/* argv[0] is the subcommand's name.  Returns the exit status. */
	int (*run)(int argc, char **argv);
};

extern const struct command command_record;
extern const struct command command_report;
extern const struct command command_analyze;

/*
 * Prints one line on stderr, "cmshim: " and what is given, which has no full
 * stop and no newline.  Returns 2, the exit status for "could not be done".
 */
int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

/* SPDX-License-Identifier: MIT */
/*
 * cmshim: the table of its subcommands, and the one place that prints errors.
 */
#include "command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmshim/trace.h"

static const char version[] = "0.1";

static const struct command *const commands[] = {
	&command_record,
	&command_report,
	&command_analyze,
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

int fail(const char *format, ...)
{
	va_list args;

	/* What has been said comes first, also where both go to one file. */
	fflush(stdout);
	fputs("cmshim: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return 2;
}

static void print_help(void)
{
	puts("Usage: cmshim COMMAND [ARGUMENTS]\n"
	     "\n"
	     "Records what the threads of a program do with locks and maps, "
	     "and reports on it.\n"
	     "\n"
	     "Commands:");
	for (size_t i = 0; i < N_COMMANDS; i++)
		printf("  %-8s  %s\n", commands[i]->name, commands[i]->help);
	puts("\n"
	     "Options:\n"
	     "  -h, --help  this list; 'cmshim COMMAND --help' has more\n"
	     "  --version   the version, and that of the trace format\n"
	     "\n"
	     "Exit status: 0 done, 1 --fail-on was met, 2 could not be done; "
	     "of record, the\n"
	     "program's own.");
}

static int run(int argc, char **argv)
{
	if (argc < 2)
		return fail("what is to be done is missing; see "
			    "'cmshim --help'");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help();
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("cmshim %s, trace format %u\n", version,
		       CMSHIM_TRACE_VERSION);
		return 0;
	}
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(argv[1], commands[i]->name) == 0)
			return commands[i]->run(argc - 1, argv + 1);

	return fail("there is no %s '%s'; see 'cmshim --help'",
		    argv[1][0] == '-' ? "option" : "command", argv[1]);
}

int main(int argc, char **argv)
{
	int status = run(argc, argv);

	if ((fflush(stdout) != 0 || ferror(stdout)) && status == 0)
		return fail("cannot write to standard output");
	return status;
}

/* SPDX-License-Identifier: MIT */
/*
 * cmshim analyze: the races and deadlocks in a trace of RAPID's text format,
 * in numbers, so that other engines can be compared with ours.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "std/predict.h"

static const char help[] =
	"Usage: cmshim analyze --std FILE\n"
	"\n"
	"Reads a trace in RAPID's text format, one event a line, such as "
	"T1|acq(L2)|17,\n"
	"where what is done is one of r w acq req rel fork join; and prints "
	"one JSON object:\n"
	"\n"
	"  events, threads, locks, vars  how many there are\n"
	"  hb_racy_events                accesses that an earlier conflicting "
	"one of another\n"
	"                                thread does not happen before\n"
	"  hb_racy_pairs, hb_racy_vars   such pairs; variables with one\n"
	"  lockgraph_edges               pairs of a lock held and one asked "
	"for\n"
	"  abstract_deadlocks            cycles of 2 to 4 threads in the lock "
	"order\n"
	"  sync_preserving_deadlocks     those that a sync-preserving "
	"reordering reaches\n"
	"  sync_preserving_racy_vars     variables with a race that one "
	"reaches\n"
	"  violations                    events that break lock discipline\n"
	"\n"
	"All numbers are exact up to 10000 events. In longer traces one is "
	"null, with a\n"
	"line on standard error, if finding it would take too long.\n"
	"\n"
	"      --std FILE     the trace; /dev/stdin for standard input\n"
	"      --max-steps N  after how many steps a search in a longer trace "
	"is given\n"
	"                     up, if not 500000000, which takes some ten "
	"seconds\n"
	"  -h, --help         this help\n"
	"\n"
	"Exit status: 0 the numbers were written, 2 they could not be found.\n";

static json_t *number(uint64_t value)
{
	return value == PREDICT_UNKNOWN ? json_null()
					: json_integer((json_int_t)value);
}

/* *is_whole becomes false if a number is not known. */
static json_t *object_of(const struct std_trace *trace,
			 const struct prediction *p, bool *is_whole)
{
	const struct {
		const char *key;
		uint64_t value;
	} rows[] = {
		{ "events", trace->n_events },
		{ "threads", trace->n_threads },
		{ "locks", trace->n_locks },
		{ "vars", trace->n_vars },
		{ "hb_racy_events", p->hb_racy_events },
		{ "hb_racy_pairs", p->hb_racy_pairs },
		{ "hb_racy_vars", p->hb_racy_vars },
		{ "lockgraph_edges", p->lockgraph_edges },
		{ "abstract_deadlocks", p->abstract_deadlocks },
		{ "sync_preserving_deadlocks", p->sync_preserving_deadlocks },
		{ "sync_preserving_racy_vars", p->sync_preserving_racy_vars },
		{ "violations", p->violations },
	};
	json_t *object = json_object();

	*is_whole = true;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		*is_whole &= rows[i].value != PREDICT_UNKNOWN;
		if (json_object_set_new(object, rows[i].key,
					number(rows[i].value)) < 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static int analyze(const char *path, uint64_t max_steps)
{
	struct std_trace trace;
	struct prediction prediction;
	json_t *object;
	bool is_whole, is_written;

	if (std_read(&trace, path) < 0) {
		if (trace.fault_line)
			return fail("cannot read line %zu of '%s': %s",
				    trace.fault_line, path, trace.fault);
		return fail("cannot read '%s': %s", path, trace.fault);
	}
	prediction = predict(&trace, max_steps);
	object = object_of(&trace, &prediction, &is_whole);
	is_written = object && json_dumpf(object, stdout, JSON_INDENT(2)) == 0;
	is_written &= putchar('\n') != EOF && fflush(stdout) == 0;
	json_decref(object);
	std_release(&trace);
	if (!is_written)
		return fail("cannot write the numbers: %s", strerror(errno));
	if (!is_whole)
		(void)fail("'%s' is too long to find all: what is null was "
			   "given up after %" PRIu64 " steps; see --max-steps",
			   path, max_steps);
	return 0;
}

static bool parse_steps(const char *text, uint64_t *steps)
{
	char *end;

	errno = 0;
	*steps = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno;
}

struct request {
	const char *path;
	uint64_t max_steps;
	bool is_help;
};

/* Returns 0, or what fail() did. */
static int parse(struct request *request, int argc, char **argv)
{
	static const struct option options[] = {
		{ "std", required_argument, NULL, 's' },
		{ "max-steps", required_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	optind = 0; /* the command's own options were parsed before */
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1)
		switch (option) {
		case 's':
			request->path = optarg;
			break;
		case 'm':
			if (!parse_steps(optarg, &request->max_steps))
				return fail("--max-steps takes a number, not "
					    "'%s'",
					    optarg);
			break;
		case 'h':
			request->is_help = true;
			return 0;
		case ':':
			return fail("option '%s' needs a value",
				    argv[optind - 1]);
		default:
			return fail("unknown option '%s'; see 'cmshim analyze "
				    "--help'",
				    argv[optind - 1]);
		}
	if (optind < argc)
		return fail("'%s' is one argument too many; see 'cmshim "
			    "analyze --help'",
			    argv[optind]);
	if (!request->path)
		return fail("what is to be analysed is missing; see 'cmshim "
			    "analyze --help'");
	return 0;
}

static int run(int argc, char **argv)
{
	struct request request = { .max_steps = PREDICT_MAX_STEPS };
	int status = parse(&request, argc, argv);

	if (status)
		return status;
	if (!request.is_help)
		return analyze(request.path, request.max_steps);
	fputs(help, stdout);
	if (fflush(stdout) != 0)
		return fail("cannot write the help: %s", strerror(errno));
	return 0;
}

const struct command command_analyze = {
	.name = "analyze",
	.help = "count races and deadlocks in a trace of RAPID's text format",
	.run = run,
};

/* SPDX-License-Identifier: MIT */
/*
 * cmshim report: what a trace, or several, says about locks and maps.
 *
 * Exit status: 0 the report was written; 1 --fail-on was given and met; 2 it
 * could not be made.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bar.h"
#include "command.h"
#include "export.h"
#include "newest.h"
#include "output.h"
#include "report/suppressions.h"
#include "run.h"
#include "show/renderer.h"
#include "store.h"
#include "text.h"

#define X(name) extern const struct renderer renderer_##name;
#include "renderers.inc" /* made by the build from reports/renderers/ */
#undef X

const struct renderer *const renderers[] = {
#define X(name) &renderer_##name,
#include "renderers.inc"
#undef X
	NULL,
};

enum colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

#define USUAL_MEMORY ((size_t)1 << 30)

enum { FAIL_ON_NOTHING = LEVEL_ERROR + 1, MAX_COLUMNS = 120 };

struct request {
	const struct renderer *renderer; /* NULL: the events, as STD */
	const char *output;		 /* NULL: standard output */
	int fail_on;			 /* enum level, or FAIL_ON_NOTHING */
	enum colour colour;
	bool verbose, no_pager, is_help;
	struct suppressions *suppressions;
	char **traces;
	size_t n_traces;
};

/* Long options without a short one. */
enum {
	OPT_FAIL_ON = 256,
	OPT_SUPPRESSIONS,
	OPT_COLOUR,
	OPT_NO_PAGER,
	OPT_MEMORY,
};

static const struct option long_options[] = {
	{ "format", required_argument, NULL, 'f' },
	{ "output", required_argument, NULL, 'o' },
	{ "fail-on", required_argument, NULL, OPT_FAIL_ON },
	{ "suppressions", required_argument, NULL, OPT_SUPPRESSIONS },
	{ "verbose", no_argument, NULL, 'v' },
	{ "full-stacks", no_argument, NULL, 'v' },
	{ "color", required_argument, NULL, OPT_COLOUR },
	{ "no-pager", no_argument, NULL, OPT_NO_PAGER },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static const char help_head[] =
	"Usage: cmshim report [OPTION]... [TRACE]...\n"
	"\n"
	"Shows which locks were fought over, which maps two threads were "
	"inside at once,\n"
	"and which locks were misused or deadlocked. Without TRACE: the newest"
	"\n"
	"cmshim.*.trace in the working directory. Several traces, of several "
	"processes,\n"
	"make one report.\n"
	"\n"
	"  -f, --format FORMAT     one of the formats below; terminal\n"
	"  -o, --output FILE       write to FILE, which appears when it is "
	"complete\n"
	"      --fail-on SEVERITY  exit with 1 if there is a finding of "
	"SEVERITY (error,\n"
	"                          warning, note) or worse\n"
	"      --suppressions FILE leave out the findings that FILE names, and "
	"say which of\n"
	"                          its lines name none; may be given again\n"
	"  -v, --verbose           all findings, locks, maps and stack frames\n"
	"      --full-stacks       the same\n"
	"      --color WHEN        auto, always or never; auto: on a terminal, "
	"unless\n"
	"                          NO_COLOR is set\n"
	"      --no-pager          do not show it through $PAGER (less)\n"
	"      --memory SIZE       of the process, with K, M or G; 1G. More than "
	"that is put\n"
	"                          in a file in $TMPDIR (/var/tmp), which takes "
	"longer\n"
	"  -h, --help              this help\n"
	"\n"
	"Formats:\n";

static const char help_tail[] =
	"\n"
	"Exit status: 0 the report was written, 1 --fail-on was met, 2 it "
	"could not be\n"
	"made. Function names come from the programs' files and their "
	"debugging\n"
	"information; from debuginfod where DEBUGINFOD_URLS is set.\n";

static int print_help(void)
{
	fputs(help_head, stdout);
	for (size_t i = 0; renderers[i]; i++)
		printf("  %-10s %s\n", renderers[i]->name, renderers[i]->help);
	printf("  %-10s %s\n", "std",
	       "no report but the events, as other engines read them (RAPID)");
	fputs(help_tail, stdout);
	if (fflush(stdout) != 0)
		return fail("cannot write the help: %s", strerror(errno));
	return 0;
}

static int set_format(struct request *request, const char *name)
{
	for (size_t i = 0; renderers[i]; i++)
		if (strcmp(renderers[i]->name, name) == 0) {
			request->renderer = renderers[i];
			return 0;
		}
	if (strcmp(name, "std") == 0) {
		request->renderer = NULL;
		return 0;
	}
	return fail("no format is called '%s'; 'cmshim report --help' lists "
		    "them",
		    name);
}

static int set_fail_on(struct request *request, const char *name)
{
	for (enum level level = LEVEL_NOTE; level <= LEVEL_ERROR; level++)
		if (strcmp(level_name(level), name) == 0) {
			request->fail_on = (int)level;
			return 0;
		}
	return fail("--fail-on takes error, warning or note, not '%s'", name);
}

static int add_suppressions(struct request *request, const char *path)
{
	const char *why;

	if (suppressions_read(request->suppressions, path, &why) < 0)
		return fail("cannot use the suppressions '%s': %s", path, why);
	return 0;
}

static int set_colour(struct request *request, const char *name)
{
	static const char *const names[] = {
		[COLOUR_AUTO] = "auto",
		[COLOUR_ALWAYS] = "always",
		[COLOUR_NEVER] = "never",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0) {
			request->colour = (enum colour)i;
			return 0;
		}
	return fail("--color takes auto, always or never, not '%s'", name);
}

static int set_memory(const char *text)
{
	static const char units[] = "KMG";
	char *end;
	uint64_t size = strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;
	unsigned bits = unit ? 10 * (unsigned)(unit - units + 1) : 0;

	if (!isdigit((unsigned char)*text) || (unit && *++end) || *end ||
	    size == 0 || size > SIZE_MAX >> bits)
		return fail("--memory takes a size like 800M or 2G, not '%s'",
			    text);
	store_budget((size_t)size << bits);
	return 0;
}

static int set_option(struct request *request, int option, char **argv)
{
	switch (option) {
	case 'f':
		return set_format(request, optarg);
	case 'o':
		request->output = optarg;
		return 0;
	case OPT_FAIL_ON:
		return set_fail_on(request, optarg);
	case OPT_SUPPRESSIONS:
		return add_suppressions(request, optarg);
	case OPT_COLOUR:
		return set_colour(request, optarg);
	case OPT_MEMORY:
		return set_memory(optarg);
	case 'v':
		request->verbose = true;
		return 0;
	case OPT_NO_PAGER:
		request->no_pager = true;
		return 0;
	case 'h':
		request->is_help = true;
		return 0;
	case ':':
		return fail("option '%s' needs a value", argv[optind - 1]);
	default:
		break;
	}
	if (optopt == 'v' || optopt == 'h' || optopt == OPT_NO_PAGER)
		return fail("'%s': the option takes no value",
			    argv[optind - 1]);
	if (optopt)
		return fail("unknown option '-%c'; see 'cmshim report --help'",
			    optopt);
	return fail("unknown option '%s'; see 'cmshim report --help'",
		    argv[optind - 1]);
}

static int parse(struct request *request, int argc, char **argv)
{
	int option;
	int status = set_format(request, "terminal");

	optind = 0; /* the command's own options were parsed before */
	opterr = 0;
	while (status == 0 && !request->is_help &&
	       (option = getopt_long(argc, argv, ":f:o:vh", long_options,
				     NULL)) != -1)
		status = set_option(request, option, argv);
	request->traces = &argv[optind];
	request->n_traces = (size_t)(argc - optind);
	return status;
}

static void show_progress(enum run_stage stage, double done, uint64_t n_events,
			  void *with)
{
	static const char *const names[] = {
		[RUN_READING] = "reading",
		[RUN_AGAIN] = "reading again",
	};

	bar_show(with, names[stage], done, n_events);
}

/* What is known before the events are. */
static void show_opened(const struct trace_info *info, void *with)
{
	const struct cmshim_header *h = info->header;
	struct arena *mem = arena_new();
	struct text line = { .mem = mem };
	struct bar *bar = with;
	uint64_t n_lost = h->lost[CMSHIM_LOST_EVENTS], n_maps = 0;
	const char *slash = strrchr(h->program, '/');
	const char *name = *h->name ? h->name : slash ? slash + 1 : h->program;

	for (size_t i = 1; i < info->n_objects; i++)
		n_maps += info->objects[i].class == CMSHIM_MAP;
	text_add(&line,
		 "%s (pid %u): %s, %s threads, %s maps, %s other objects",
		 text_clean(mem, name), (unsigned)h->pid,
		 text_duration(info->duration_ns).text,
		 text_count(info->n_threads - 1).text, text_count(n_maps).text,
		 text_count(info->n_objects - 1 - n_maps).text);
	if (n_lost)
		text_add(&line, "; lost: %s events", text_count(n_lost).text);
	if (h->state == CMSHIM_RECORDING)
		text_add(&line, "; not ended");
	snprintf(bar->title, sizeof(bar->title), "%s", text_of(&line));
	arena_free(mem);
}

static int read_traces(const struct request *request, struct report *report)
{
	struct bar bar = { 0 };
	const struct run_watch watch = { show_opened, show_progress, &bar };
	bool is_watched = isatty(STDERR_FILENO);
	int status = 0;

	for (size_t i = 0; i < request->n_traces && status == 0; i++) {
		const char *path = request->traces[i];
		const char *why;
		int result;

		bar_begin(&bar);
		result = run_trace(report, path, is_watched ? &watch : NULL,
				   &why);
		bar_clear(&bar);
		if (result < 0)
			status = fail("cannot read '%s': %s", path, why);
	}
	report_finish(report);
	return status;
}

/* Damage that leaves a report possible is said, and is no failure. */
static void say_damage(const struct request *request,
		       const struct document *doc)
{
	for (size_t i = 0; i < doc->n_processes; i++) {
		const struct shown_process *p = doc->processes[i];

		if (p->damaged)
			(void)fail("'%s' is damaged: %s (at byte %llu); the "
				   "report is of what is whole",
				   request->traces[i],
				   p->damage ? p->damage : "unknown",
				   (unsigned long long)p->damage_at);
		else if (p->truncated)
			(void)fail("'%s' ends in the middle; the report is of "
				   "what is there",
				   request->traces[i]);
	}
}

static bool wants_colour(const struct request *request, bool is_terminal)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *kind = getenv("TERM");

	if (request->colour != COLOUR_AUTO)
		return request->colour == COLOUR_ALWAYS;
	return is_terminal && !(no_colour && *no_colour) &&
	       !(kind && strcmp(kind, "dumb") == 0);
}

/* Of the terminal; lines longer than MAX_COLUMNS are hard to read. */
static unsigned columns_of(bool is_terminal)
{
	struct winsize size;

	if (!is_terminal || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 ||
	    size.ws_col == 0)
		return 100;
	return size.ws_col > MAX_COLUMNS ? MAX_COLUMNS : size.ws_col;
}

static int write_report(const struct request *request,
			const struct document *doc)
{
	bool is_stdout = !request->output || strcmp(request->output, "-") == 0;
	bool is_terminal = is_stdout && isatty(STDOUT_FILENO);
	bool is_paged = is_terminal && !request->no_pager &&
			request->renderer->is_for_people;
	const struct render_options how = {
		.colour = wants_colour(request, is_terminal),
		.full_stacks = request->verbose,
		.columns = columns_of(is_terminal),
	};
	struct output output;
	int error, unmade;

	error = is_paged ? output_open_pager(&output)
			 : output_open(&output, request->output);
	if (error == 0) {
		unmade = request->renderer->render(doc, &how, output.stream);
		error = output_close(&output, unmade == 0);
		if (error == 0)
			error = -unmade;
	}
	if (error == 0)
		return 0;
	if (is_stdout)
		return fail("cannot write the report: %s", strerror(error));
	return fail("cannot write '%s': %s", request->output, strerror(error));
}

static const char *suppressed_by(void *with, const struct shown_finding *f)
{
	return suppressions_find(with, f);
}

static void suppress(const struct request *request, struct report *report)
{
	time_t now = time(NULL);
	struct tm day;

	if (!localtime_r(&now, &day))
		return;
	suppressions_set_day(request->suppressions,
			     (uint32_t)((day.tm_year + 1900) * 10000 +
					(day.tm_mon + 1) * 100 + day.tm_mday));
	report_suppress(report, suppressed_by, request->suppressions);
}

static void say_unused(const struct request *request)
{
	const char *remark;
	size_t at = 0;

	while ((remark = suppressions_remark(request->suppressions, &at)))
		(void)fail("%s", remark);
}

static int verdict(const struct request *request, const struct document *doc)
{
	for (size_t i = 0; i < doc->n_findings; i++)
		if ((int)doc->findings[i].level >= request->fail_on &&
		    !doc->findings[i].suppressed_by)
			return 1;
	return 0;
}

static int make_report(const struct request *request)
{
	struct report *report = report_new();
	const struct document *doc = report_document(report);
	int status;

	if (request->verbose)
		report_list_all(report);
	status = read_traces(request, report);
	if (status == 0) {
		suppress(request, report);
		say_damage(request, doc);
		say_unused(request);
		status = write_report(request, doc);
	}
	if (status == 0)
		status = verdict(request, doc);
	report_free(report);
	if (store_trouble())
		(void)fail("more memory was taken than is allowed: %s",
			   store_trouble());
	return status;
}

static int run_request(struct request *request)
{
	char *newest = NULL;
	int status;

	if (!request->renderer && request->fail_on != FAIL_ON_NOTHING)
		return fail("--fail-on needs a report, which --format std is "
			    "not");

	if (request->n_traces == 0) {
		newest = newest_trace();
		if (!newest && errno == ENOENT)
			return fail("no trace (cmshim.*.trace) is in this "
				    "directory; name one, or make one with "
				    "'cmshim record PROGRAM'");
		if (!newest)
			return fail("cannot read this directory: %s",
				    strerror(errno));
		request->traces = &newest;
		request->n_traces = 1;
	}
	if (request->renderer)
		status = make_report(request);
	else
		status = export_std(request->traces, request->n_traces,
				    request->output);
	free(newest);
	return status;
}

static int run(int argc, char **argv)
{
	struct request request = {
		.fail_on = FAIL_ON_NOTHING,
		.suppressions = suppressions_new(),
	};
	int status;

	store_budget(USUAL_MEMORY);
	status = parse(&request, argc, argv);
	if (status == 0)
		status = request.is_help ? print_help() : run_request(&request);
	suppressions_free(request.suppressions);
	return status;
}

const struct command command_report = {
	.name = "report",
	.help = "show what a trace says about locks and maps",
	.run = run,
};

/* SPDX-License-Identifier: MIT */
/*
 * cmshim record: finds the shim, checks that the program can be recorded,
 * runs it with the shim preloaded, and says what came of it.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmshim/trace.h"
#include "command.h"
#include "launch.h"
#include "left.h"
#include "program.h"

/*
 * An option of the recorder: what is said on the command line goes into the
 * environment.  An argument in lower case is the list of what may be said.
 */
static const struct row {
	const char *name;
	int letter;
	const char *argument;
	const char *variable;
	const char *help;
} rows[] = {
	{ "output", 'o', "FILE", "CMSHIM_OUTPUT",
	  "trace to write, or a folder if it ends in '/';\n"
	  "%e is the program, %p the process, %% a percent\n"
	  "sign [cmshim.%e.%p.trace]" },
	{ "stacks", 's', "full|none", "CMSHIM_STACKS",
	  "call stacks, or none, for measuring [full]" },
	{ "stamps", 't', "sampled|all", "CMSHIM_STAMPS",
	  "time some of the holds of locks, or all\n[sampled]" },
	{ "max-size", 'm', "SIZE", "CMSHIM_MAX_SIZE",
	  "of a trace, in bytes, or with K, M or G [16G]" },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

struct run {
	const char *said[N_ROWS]; /* arguments of options; NULL: not said */
	char *output;		  /* absolute; what CMSHIM_OUTPUT becomes */
	char *preload;		  /* what LD_PRELOAD becomes */
	char *shim;
	char *path; /* of the program */
	char **argv;
};

static void print_help(void)
{
	puts("Usage: cmshim record [OPTIONS] [--] PROGRAM [ARGUMENTS]\n"
	     "\n"
	     "Runs a program and records what its threads do with locks and "
	     "maps.\n"
	     "\n"
	     "Options:");
	for (size_t i = 0; i < N_ROWS; i++) {
		const char *help = rows[i].help;
		int n = printf("  -%c, --%s=%s", rows[i].letter, rows[i].name,
			       rows[i].argument);

		printf("%*s", n < 30 ? 30 - n : 1, "");
		for (; *help; help++) {
			putchar(*help);
			if (*help == '\n')
				printf("%30s", "");
		}
		putchar('\n');
	}
	printf("  -h, --help%18s%s\n", "", "this list");
	puts("\n"
	     "The exit status is the program's; 2 if it could not be run.");
}

static bool is_size(const char *text)
{
	unsigned long long n;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	return errno == 0 && n > 0 && n <= UINT64_MAX >> 30 &&
	       (!*end || (strchr("KMG", *end) && !end[1]));
}

/* Whether value is one of the words in "full|none". */
static bool is_one_of(const char *value, const char *words)
{
	size_t n = strlen(value);

	for (const char *c = words; c; c = strchr(c, '|')) {
		c += *c == '|';
		if (strcspn(c, "|") == n && strncmp(c, value, n) == 0)
			return true;
	}
	return false;
}

static int keep_option(struct run *run, const struct row *row,
		       const char *value)
{
	const char *takes = row->argument;
	bool good = *value != 0;

	if (strcmp(takes, "SIZE") == 0) {
		good = is_size(value);
		takes = "a number, with K, M or G behind it";
	} else if (islower((unsigned char)*takes)) {
		good = is_one_of(value, takes);
	}
	if (!good)
		return fail("--%s='%s' is not understood: it takes %s",
			    row->name, value, takes);
	run->said[row - rows] = value;
	return 0;
}

/* Returns 0, what fail() returned, or -1 if help was asked for and given. */
static int read_options(struct run *run, int argc, char **argv)
{
	struct option options[N_ROWS + 2] = { 0 };
	char letters[3 * N_ROWS + 8] = "+:h";
	size_t n = strlen(letters);
	int letter;

	for (size_t i = 0; i < N_ROWS; i++) {
		options[i] = (struct option){ rows[i].name, required_argument,
					      NULL, rows[i].letter };
		letters[n++] = (char)rows[i].letter;
		letters[n++] = ':';
	}
	options[N_ROWS] = (struct option){ "help", no_argument, NULL, 'h' };

	opterr = 0;
	optind = 1;
	while ((letter = getopt_long(argc, argv, letters, options, NULL)) !=
	       -1) {
		int failed = 0;

		if (letter == 'h') {
			print_help();
			return -1;
		}
		if (letter == ':')
			return fail("option '%s' needs an argument; see "
				    "'cmshim record --help'",
				    argv[optind - 1]);
		if (letter == '?')
			return optopt > 0 && optopt < 128
				       ? fail("there is no option '-%c'; see "
					      "'cmshim record --help'",
					      optopt)
				       : fail("there is no option '%s'; see "
					      "'cmshim record --help'",
					      argv[optind - 1]);
		for (size_t i = 0; i < N_ROWS; i++)
			if (rows[i].letter == letter)
				failed = keep_option(run, &rows[i], optarg);
		if (failed)
			return failed;
	}
	if (optind >= argc)
		return fail("the program to record is missing; see "
			    "'cmshim record --help'");
	run->argv = argv + optind;
	return 0;
}

/* Beside the command, as in build/, or where it is installed. */
static int find_shim(struct run *run)
{
	static const char *const places[] = {
		"libcmshim.so",
		"../lib/cmshim/libcmshim.so",
	};
	char *folder = realpath("/proc/self/exe", NULL);
	int failed = 0;

	if (!folder)
		return fail("cannot find out where cmshim is: %s",
			    strerror(errno));
	*strrchr(folder, '/') = 0;
	for (size_t i = 0; i < 2 && !run->shim; i++) {
		char *name;

		if (asprintf(&name, "%s/%s", folder, places[i]) < 0)
			break;
		run->shim = realpath(name, NULL);
		free(name);
	}
	if (!run->shim)
		failed = fail("cannot find '%s' in '%s', nor '%s'", places[0],
			      folder, places[1]);
	free(folder);
	if (failed)
		return failed;
	if (strpbrk(run->shim, " :"))
		return fail("cannot preload '%s': the dynamic linker takes "
			    "spaces and colons as the end of a name",
			    run->shim);
	return 0;
}

/* Ours first; another one of us, of an outer run, not at all. */
static int set_preload(struct run *run)
{
	const char *others = getenv("LD_PRELOAD");
	size_t n_others = others ? strlen(others) : 0;
	FILE *out;
	size_t n;

	out = open_memstream(&run->preload, &n);
	if (!out)
		return fail("out of memory");
	fputs(run->shim, out);
	for (const char *c = others; c && c < others + n_others;) {
		size_t length = strcspn(c, " :");
		const char *name = memrchr(c, '/', length);

		name = name ? name + 1 : c;
		if (length && ((size_t)(c + length - name) != 12 ||
			       strncmp(name, "libcmshim.so", 12) != 0))
			fprintf(out, ":%.*s", (int)length, c);
		c += length + 1;
	}
	return fclose(out) == 0 ? 0 : fail("out of memory");
}

/* What n characters of a template stand for; NULL if that is not fixed. */
static char *fixed_name(const char *template, size_t n)
{
	char *name = malloc(n + 1);
	char *to = name;

	for (size_t i = 0; name && i < n; i++) {
		if (template[i] == '%' && i + 1 < n) {
			if (strchr("ep", template[i + 1])) {
				free(name);
				return NULL;
			}
			i += template[i + 1] == '%';
		}
		*to++ = template[i];
	}
	if (name)
		*to = 0;
	return name;
}

/* The shim makes no folders; of one named as such we do. */
static int check_folder(const char *folder, bool make)
{
	if (make && mkdir(folder, 0777) < 0 && errno != EEXIST)
		return fail("cannot make folder '%s': %s", folder,
			    strerror(errno));
	if (access(folder, W_OK | X_OK) < 0)
		return fail("cannot write to folder '%s': %s", folder,
			    strerror(errno));
	return 0;
}

/* The shim replaces a trace, and nothing else. */
static int check_file(const char *path)
{
	char magic[8] = "";
	struct stat st;
	bool is_trace;
	int fd;

	if (stat(path, &st) < 0 || st.st_size == 0)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fail("cannot write '%s': %s", path, strerror(errno));
	is_trace = read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
		   memcmp(magic, CMSHIM_TRACE_MAGIC, sizeof(magic)) == 0;
	close(fd);
	return is_trace ? 0
			: fail("'%s' is there and is no trace; it is not "
			       "replaced",
			       path);
}

/* Whether a trace can be where the template, which is absolute, says. */
static int check_output(const char *template)
{
	size_t n = strlen(template);
	char *folder = fixed_name(
		template, (size_t)(strrchr(template, '/') + 1 - template));
	char *file = fixed_name(template, n);
	int failed = 0;

	if (folder)
		failed = check_folder(folder, template[n - 1] == '/');
	if (!failed && file && template[n - 1] != '/')
		failed = check_file(file);
	free(folder);
	free(file);
	return failed;
}

/*
 * Makes the template absolute, so that all processes write where we look,
 * wherever they change to.
 */
static int set_output(struct run *run)
{
	const char *said =
		run->said[0] ? run->said[0] : getenv(rows[0].variable);
	char *here = getcwd(NULL, 0);
	struct stat st;
	FILE *out;
	size_t n;

	if (!here)
		return fail("cannot find out the working directory: %s",
			    strerror(errno));
	if (!said || !*said)
		said = "cmshim.%e.%p.trace";

	out = open_memstream(&run->output, &n);
	if (!out) {
		free(here);
		return fail("out of memory");
	}
	if (*said != '/') {
		for (const char *c = here; *c; c++)
			fputs(*c == '%' ? "%%" : (char[]){ *c, 0 }, out);
		if (here[1])
			fputc('/', out);
	}
	fputs(said, out);
	if (said[strlen(said) - 1] != '/' && stat(said, &st) == 0 &&
	    S_ISDIR(st.st_mode))
		fputc('/', out);
	free(here);
	if (fclose(out) != 0)
		return fail("out of memory");
	return check_output(run->output);
}

static int set_environment(void *data)
{
	const struct run *run = data;
	int failed = 0;

	for (size_t i = 0; i < N_ROWS; i++)
		if (run->said[i])
			failed |= setenv(rows[i].variable, run->said[i], 1);
	failed |= setenv("CMSHIM_OUTPUT", run->output, 1);
	failed |= setenv("LD_PRELOAD", run->preload, 1);
	return failed ? errno : 0;
}

static int run_program(struct run *run)
{
	struct timespec now;
	uint64_t since_ns;
	int failed, status;
	pid_t pid;

	clock_gettime(CLOCK_MONOTONIC, &now);
	since_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;

	failed = launch(run->path, run->argv, set_environment, run, &pid,
			&status);
	if (failed)
		return failed;
	left_tell(run->output, pid, since_ns);
	return launch_end_alike(status);
}

static int record(int argc, char **argv)
{
	struct run run = { 0 };
	int status = read_options(&run, argc, argv);

	if (status == 0)
		status = program_find(run.argv[0], &run.path);
	if (status == 0)
		status = find_shim(&run);
	if (status == 0)
		status = program_check(run.path, run.shim);
	if (status == 0)
		status = set_preload(&run);
	if (status == 0)
		status = set_output(&run);
	if (status == 0)
		status = run_program(&run);

	free(run.output);
	free(run.preload);
	free(run.shim);
	free(run.path);
	return status < 0 ? 0 : status;
}

const struct command command_record = {
	.name = "record",
	.help = "runs a program and records it",
	.run = record,
};

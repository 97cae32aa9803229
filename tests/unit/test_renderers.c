/* SPDX-License-Identifier: MIT */
/*
 * Each format, of a report written down by hand, against tests/golden/.
 *
 * With CMSHIM_GOLDEN=write the golden files are written instead; the
 * difference is then to be reviewed like code.  Run from the top folder.
 */
#include "show/renderer.h"

#include <stdlib.h>
#include <string.h>

#include "fake_document.h"
#include "store.h"
#include "suites.h"

extern const struct renderer renderer_brief, renderer_json, renderer_terminal;

static char *rendered(const struct renderer *renderer,
		      const struct document *doc, struct render_options how)
{
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	ck_assert_int_eq(renderer->render(doc, &how, out), 0);
	fclose(out);
	return text;
}

static char *golden(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	ck_assert_msg(in, "cannot open %s: run from the top folder", path);
	if (getdelim(&text, &room, '\0', in) < 0)
		ck_abort_msg("%s is empty", path);
	fclose(in);
	return text;
}

static void write_golden(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	ck_assert(out && fputs(text, out) >= 0);
	ck_assert_int_eq(fclose(out), 0);
}

/* Check cannot print texts of this length: the first line that differs. */
static void ck_same(const char *text, const char *wanted, const char *path)
{
	const char *line = text, *wanted_line = wanted;
	unsigned number = 1;

	for (size_t i = 0; text[i] == wanted[i]; i++) {
		if (!text[i])
			return;
		if (text[i] == '\n') {
			line = &text[i + 1];
			wanted_line = &wanted[i + 1];
			number++;
		}
	}
	ck_abort_msg("%s:%u: wanted '%.*s', got '%.*s'; CMSHIM_GOLDEN=write "
		     "rewrites the file",
		     path, number, (int)strcspn(wanted_line, "\n"), wanted_line,
		     (int)strcspn(line, "\n"), line);
}

static void check_golden(const struct renderer *renderer, const char *name,
			 struct render_options how)
{
	const char *mode = getenv("CMSHIM_GOLDEN");
	char *text = rendered(renderer, fake_document(), how);
	char *wanted;
	char path[64];

	snprintf(path, sizeof(path), "tests/golden/%s", name);
	if (mode && strcmp(mode, "write") == 0) {
		write_golden(path, text);
	} else {
		wanted = golden(path);
		ck_same(text, wanted, path);
		free(wanted);
	}
	free(text);
}

START_TEST(brief_is_as_golden)
{
	check_golden(&renderer_brief, "brief", (struct render_options){ 0 });
}
END_TEST

START_TEST(json_is_as_golden)
{
	check_golden(&renderer_json, "json", (struct render_options){ 0 });
}
END_TEST

START_TEST(terminal_is_as_golden)
{
	check_golden(&renderer_terminal, "terminal",
		     (struct render_options){ .columns = 100 });
}
END_TEST

START_TEST(verbose_narrow_terminal_is_as_golden)
{
	check_golden(&renderer_terminal, "terminal-verbose",
		     (struct render_options){ .full_stacks = true });
}
END_TEST

START_TEST(quiet_run_is_said_to_be_quiet)
{
	char *text = rendered(&renderer_terminal, fake_quiet_document(),
			      (struct render_options){ 0 });

	ck_assert_str_eq(text, "true (pid 7): nothing wrong was seen\n"
			       "999 ns, 1 thread, 1 event; none lost\n"
			       "\n"
			       "Never seen by this tool\n"
			       "  look-ups in C++ maps; atomics.\n");
	free(text);
	text = rendered(&renderer_brief, fake_quiet_document(),
			(struct render_options){ 0 });
	ck_assert_str_eq(text, "");
	free(text);
}
END_TEST

START_TEST(only_asked_for_colours_are_there)
{
	char *plain = rendered(&renderer_terminal, fake_document(),
			       (struct render_options){ .columns = 100 });
	char *coloured = rendered(
		&renderer_terminal, fake_document(),
		(struct render_options){ .columns = 100, .colour = true });
	char *from = coloured, *to = coloured;

	ck_assert_ptr_null(strchr(plain, '\033'));
	ck_assert_ptr_nonnull(strstr(coloured, "\033[1;31merror\033[0m"));

	/* Without its sequences the coloured one is the plain one. */
	while (*from) {
		if (*from == '\033')
			from += strcspn(from, "m") + 1;
		else
			*to++ = *from++;
	}
	*to = '\0';
	ck_assert_str_eq(coloured, plain);
	free(plain);
	free(coloured);
}
END_TEST

/* Of the lines only the "6 more" may tell how many there are: 4, and 2 that
   the document does not list. */
START_TEST(long_tables_are_cut_unless_verbose)
{
	const struct document *fake = fake_document();
	struct document doc = *fake;
	struct shown_lock many[14];
	char *text;
	size_t n = 0;

	for (size_t i = 0; i < 14; i++)
		many[i] = fake->locks[1];
	doc.locks = many;
	doc.n_locks = 14;
	doc.lock_sums = &(struct shown_lock_sum){ .n = 2 };
	doc.n_lock_sums = 1;
	doc.n_maps = 0;
	doc.n_findings = 0;

	text = rendered(&renderer_terminal, &doc,
			(struct render_options){ .columns = 100 });
	for (char *at = text; (at = strstr(at, "table_lock")); at++)
		n++;
	ck_assert_uint_eq(n, 10);
	ck_assert_ptr_nonnull(strstr(text, "  6 more: --verbose"));
	free(text);

	doc.n_lock_sums = 0;
	text = rendered(&renderer_terminal, &doc,
			(struct render_options){ .full_stacks = true });
	ck_assert_ptr_null(strstr(text, "more:"));
	free(text);
}
END_TEST

START_TEST(suppressed_finding_is_counted_and_not_shown)
{
	struct document doc = *fake_document();
	struct shown_finding two[2] = { doc.findings[0], doc.findings[1] };
	char *text;

	two[0].suppressed_by = "line 1";
	doc.findings = two;

	text = rendered(&renderer_terminal, &doc,
			(struct render_options){ .columns = 100 });
	ck_assert_ptr_nonnull(strstr(text, "serverd (pid 4711): 1 note\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n1 suppressed\n"));
	ck_assert_ptr_null(strstr(text, "map-race-overlap"));
	free(text);

	text = rendered(&renderer_brief, &doc, (struct render_options){ 0 });
	ck_assert_int_eq(strncmp(text, "note perf-hot ", 14), 0);
	free(text);
}
END_TEST

START_TEST(killed_process_is_said_to_be_killed)
{
	struct document doc = *fake_quiet_document();
	struct shown_process killed = *doc.processes[0];
	const struct shown_process *only[] = { &killed };
	char *text;

	killed.state = CMSHIM_RECORDING;
	doc.processes = only;

	text = rendered(&renderer_terminal, &doc, (struct render_options){ 0 });
	ck_assert_ptr_nonnull(strstr(text, "\nprocess 7 was killed, "));
	free(text);
	text = rendered(&renderer_json, &doc, (struct render_options){ 0 });
	ck_assert_ptr_nonnull(strstr(text, "\"state\": \"recording\""));
	free(text);
}
END_TEST

Suite *suite_renderers(void)
{
	Suite *s = suite_create("renderers");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, brief_is_as_golden);
	tcase_add_test(tc, json_is_as_golden);
	tcase_add_test(tc, terminal_is_as_golden);
	tcase_add_test(tc, verbose_narrow_terminal_is_as_golden);
	tcase_add_test(tc, quiet_run_is_said_to_be_quiet);
	tcase_add_test(tc, only_asked_for_colours_are_there);
	tcase_add_test(tc, long_tables_are_cut_unless_verbose);
	tcase_add_test(tc, suppressed_finding_is_counted_and_not_shown);
	tcase_add_test(tc, killed_process_is_said_to_be_killed);
	suite_add_tcase(s, tc);
	return s;
}

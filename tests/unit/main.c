/* SPDX-License-Identifier: MIT */
/*
 * Runs the unit tests: all suites, or those that the command line names.
 *
 *	unit [SUITE...]
 *
 * Check's own variables work too: CK_FORK=no under a debugger, CK_RUN_CASE.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suites.h"

static const struct {
	const char *name;
	Suite *(*make)(void);
} suites[] = {
#define X(name) { #name, suite_##name },
#include "suites.inc"
#undef X
};

#define N_SUITES (sizeof(suites) / sizeof(suites[0]))

static bool is_named(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(name, argv[i]) == 0)
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	SRunner *runner = srunner_create(NULL);
	size_t n = 0;
	int failed;

	for (size_t i = 0; i < N_SUITES; i++)
		if (is_named(suites[i].name, argc, argv)) {
			srunner_add_suite(runner, suites[i].make());
			n++;
		}
	if (n == 0 || (argc > 1 && n != (size_t)argc - 1)) {
		fprintf(stderr, "unit: no such suite; there are:");
		for (size_t i = 0; i < N_SUITES; i++)
			fprintf(stderr, " %s", suites[i].name);
		fprintf(stderr, "\n");
		srunner_free(runner);
		return 2;
	}

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

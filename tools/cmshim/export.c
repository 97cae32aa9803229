/* SPDX-License-Identifier: MIT */
/* See export.h. */
#include "export.h"

#include <string.h>

#include "command.h"
#include "output.h"
#include "std/std_write.h"

static void say_what_is_missing(const char *trace, const struct std_written *w)
{
	if (w->damaged || w->truncated)
		(void)fail("'%s' %s; what was written is of what is whole",
			   trace,
			   w->damaged ? "is damaged" : "ends in the middle");
	else if (w->n_missing)
		(void)fail("'%s' has events missing; what they ordered is not "
			   "in what was written",
			   trace);
}

int export_std(char *const *traces, size_t n_traces, const char *path)
{
	struct std_written written = { 0 };
	struct output output;
	const char *why;
	int error, result;

	if (n_traces != 1)
		return fail("--format std takes one trace at a time");
	error = output_open(&output, path);
	if (error == 0) {
		result = std_write(traces[0], output.stream, &written, &why);
		error = output_close(&output, result == 0);
		if (result < 0)
			return fail("cannot read '%s': %s", traces[0], why);
	}
	if (error == 0) {
		say_what_is_missing(traces[0], &written);
		return 0;
	}
	if (!path || strcmp(path, "-") == 0)
		return fail("cannot write the trace: %s", strerror(error));
	return fail("cannot write '%s': %s", path, strerror(error));
}

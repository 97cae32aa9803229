/* SPDX-License-Identifier: MIT */
/*
 * Where a report goes: a file that appears only when it is whole, standard
 * output, or a pager in front of it.  The first error of writing is kept.
 *
 *	struct output output;
 *	int error = output_open(&output, path);
 *
 *	if (error == 0) {
 *		write to output.stream;
 *		error = output_close(&output, true);
 *	}
 */
#ifndef TOOLS_CMSHIM_OUTPUT_H
#define TOOLS_CMSHIM_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct output {
	FILE *stream;
	int fd;
	int error;	 /* the first errno value of writing; 0: none */
	pid_t pager;	 /* 0: none */
	char *path;	 /* what to name the file in the end; NULL: nothing */
	char *temporary; /* its name until then */
};

/* path: NULL or "-" is standard output.  Returns 0 or an errno value. */
int output_open(struct output *output, const char *path);

/*
 * Standard output through $PAGER (less).  Whoever leaves the pager has seen
 * enough: that what follows cannot be written is no error.
 */
int output_open_pager(struct output *output);

/*
 * Returns 0 if all was written, or the errno value of what failed first; then,
 * or if it is not to be kept, a file is left as it was before.
 */
int output_close(struct output *output, bool keep);

#endif

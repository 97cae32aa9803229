/* SPDX-License-Identifier: MIT */
/*
 * A trace in another trace format: all its events, not a report on them.
 */
#ifndef TOOLS_CMSHIM_EXPORT_H
#define TOOLS_CMSHIM_EXPORT_H

#include <stddef.h>

/* path: as output_open() takes it.  Returns the exit status. */
int export_std(char *const *traces, size_t n_traces, const char *path);

#endif

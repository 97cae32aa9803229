/* SPDX-License-Identifier: MIT */
/*
 * The trace that is meant where none was named.
 */
#ifndef TOOLS_CMSHIM_NEWEST_H
#define TOOLS_CMSHIM_NEWEST_H

/*
 * The file of the working directory named as traces are by default
 * (cmshim.<program>.<pid>.trace) that was written last; to be freed.  NULL
 * with errno if there is none, ENOENT, or the directory cannot be read.
 */
char *newest_trace(void);

#endif

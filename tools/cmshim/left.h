/* SPDX-License-Identifier: MIT */
/*
 * The traces that a run has left: found by the template of their names, told
 * from others by their headers.
 */
#ifndef TOOLS_CMSHIM_LEFT_H
#define TOOLS_CMSHIM_LEFT_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Says on stderr which traces the process pid and its descendants have left,
 * how much is in them, and what to type next.
 *
 * template is CMSHIM_OUTPUT as it was given to them, absolute; since_ns is
 * CLOCK_MONOTONIC from before they began.
 */
void left_tell(const char *template, pid_t pid, uint64_t since_ns);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Who made a call, by the files that the frames of its stack lie in.
 */
#ifndef REPORTS_ORIGIN_H
#define REPORTS_ORIGIN_H

#include "event.h"

/* The file that the address was in: a number in info->modules; n_modules: in
   none. */
size_t origin_module(const struct trace_info *info, uint64_t address,
		     uint32_t epoch);

/*
 * How many of the innermost frames say where in the program the call was made:
 * those of the library that made it, and some of its caller's.  In the
 * program's own file nobody knows where a library ends.
 */
uint32_t origin_place(const struct trace_info *info, uint32_t stack);

/*
 * Whether a library made the call for nobody but itself: the whole stack lies
 * in it and in the files in which threads begin.  So do threads of a pool that
 * wait for work.  Of the program's own file that is never known, nor of
 * a stack that has no frames.
 */
bool origin_is_library(const struct trace_info *info, uint32_t stack);

#endif

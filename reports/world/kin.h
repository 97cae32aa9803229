/* SPDX-License-Identifier: MIT */
/*
 * Which objects are alike: those made at the same place in the program.  A
 * variable of the program is like no other.
 */
#ifndef REPORTS_KIN_H
#define REPORTS_KIN_H

#include "event.h"

/* Whether the object lies in a file of the program: it is there once, and
   nothing else will be at its address. */
bool kin_is_variable(const struct trace_info *info, uint32_t object);

/* Equal for objects that are alike; below 2^33. */
uint64_t kin_of(const struct trace_info *info, uint32_t object);

/* The same, but variables of the program made at one place are alike too. */
uint64_t kin_by_place(const struct trace_info *info, uint32_t object);

/* The classes of all objects there are, a bit (1 << class) each. */
uint32_t kin_classes(const struct trace_info *info);

/* The classes that a thread takes and owns. */
bool kin_is_lock(const struct trace_info *info, uint32_t object);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What kind of lock an object is, read from glibc's own fields: a lock that
 * was initialised statically, or before we were there, has no other way to
 * say it.  The fields are part of glibc's ABI: static initialisers are
 * compiled into programs.
 */
#ifndef SHIM_KIND_H
#define SHIM_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "cmshim/trace.h"

/* Kinds (enum cmshim_kind, or-ed) of the live object at address. */
uint32_t kind_of(uint64_t address, enum cmshim_class class);

/* Whether the rwlock is held by a writer, whoever it is. */
bool kind_rwlock_has_writer(uint64_t address);

#endif

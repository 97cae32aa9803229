/* SPDX-License-Identifier: MIT */
/*
 * Labels: names that the program gives to its objects, by address.
 */
#ifndef SHIM_LABEL_H
#define SHIM_LABEL_H

#include <stdint.h>

#include "context.h"

#define MAX_LABEL 64 /* bytes, with NUL */

/*
 * Names every object at the address, and keeps the name for one that is
 * first seen later.  Signal-safe; c is busy.
 */
void label_set(struct context *c, uint64_t address, const char *name);

/*
 * An object at the address has got a number: its name, if there is one, is
 * defined.  begins: it was made just now.  A name that was used already was
 * another object's then, and is dropped.
 */
void label_apply(struct context *c, uint64_t address, uint32_t id, bool begins);

#endif

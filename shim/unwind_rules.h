/* SPDX-License-Identifier: MIT */
/*
 * The rules that were learnt, by code address.  Changed by whoever may use
 * libunwind, one thread at a time; read by all without a lock, by
 * unwind_known().
 */
#ifndef SHIM_UNWIND_RULES_H
#define SHIM_UNWIND_RULES_H

#include "unwind.h"

/* Once; without memory none is kept. */
void rules_begin(void);
bool rules_are_kept(void);

/* Of an address that finds no room nothing is kept. */
void rules_set(uintptr_t pc, struct rule rule);

void rules_forget_all(void);
void rules_forget(uintptr_t first, uintptr_t end); /* of [first, end) */
/* Those that end a stack early.  Returns whether there were any. */
bool rules_forget_cut(uintptr_t first, uintptr_t end);

#endif

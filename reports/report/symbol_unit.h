/* SPDX-License-Identifier: MIT */
/*
 * DWARF: the source places of an address of one module.
 *
 * libdwfl finds the unit of an address by .debug_aranges only (elfutils
 * 0.188), which clang does not write; so a table of the units' ranges is made
 * here.
 */
#ifndef REPORTS_SYMBOL_UNIT_H
#define REPORTS_SYMBOL_UNIT_H

#include <elfutils/libdwfl.h>

#include "report/symbol_file.h"
#include "store.h"

struct symbol_units;

/*
 * bias: libdwfl's addresses less the file's.  The module stays the caller's
 * and must outlive what is returned, which is never NULL.  Texts that are
 * made come from mem.
 */
struct symbol_units *symbol_units_new(Dwfl_Module *module, uint64_t bias,
				      struct arena *mem);
void symbol_units_free(struct symbol_units *units);

/*
 * As symbol_file_places(); function names may be mangled, and texts live as
 * long as the module and mem.
 */
size_t symbol_units_places(struct symbol_units *units, uint64_t address,
			   struct place *places, size_t n);

#endif

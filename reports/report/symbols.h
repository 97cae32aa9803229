/* SPDX-License-Identifier: MIT */
/*
 * Addresses of one trace to names.  A name is given only if it is right: from
 * the file that was loaded, by its build id, and from a symbol that reaches
 * the address.  Without one it is module+0xoffset.
 *
 * Looked up when first asked for, and remembered.  Frames of the shim itself
 * are left out.
 */
#ifndef REPORTS_SYMBOLS_H
#define REPORTS_SYMBOLS_H

#include "report/report_view.h"
#include "report/symbol_file.h"

struct symbols;

/* Texts come from mem; info, files and mem must outlive the symbols. */
struct symbols *symbols_new(const struct trace_info *info,
			    struct symbol_files *files, struct arena *mem);
void symbols_free(struct symbols *symbols);

/* The frames of a stack number; of number 0 none. */
struct shown_stack symbols_stack(struct symbols *symbols, uint32_t stack);

/*
 * The function that begins at, or contains, the address; NULL for 0.
 * *is_program, if wanted, is whether it is one of the program's own.
 */
const char *symbols_function(struct symbols *symbols, uint64_t address,
			     uint32_t epoch, bool *is_program);

/*
 * "app!table_lock", "app!table+0x10" or "app+0x4010"; NULL if the address lies
 * in no module, as that of what malloc gave, or in the recorder, which has some
 * for what has none of its own: hsearch(3)'s table, a timer.
 */
const char *symbols_variable(struct symbols *symbols, uint64_t address,
			     uint32_t epoch);

/* "cache_init (cache.c:41)", "cache_init (app)" or "app+0x1234". */
const char *symbols_frame_text(struct arena *mem,
			       const struct shown_frame *frame);

/* The frame of a stack that says most of where in the program it is; NULL:
   there is none. */
const struct shown_frame *shown_stack_program(const struct shown_stack *stack);

/* Modules that addresses were looked up in and that give no names; an array
   in mem. */
size_t symbols_unnamed(struct symbols *symbols,
		       const struct shown_unnamed **out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What a file that was mapped into a program says about its addresses: which
 * function or variable, which source line, what was inlined there.
 *
 * Separate debugging information is found by build id and debug link; from
 * debuginfod only where DEBUGINFOD_URLS is set.  Addresses here are those of
 * the file's own symbols.  All texts live as long as the struct symbol_files.
 */
#ifndef REPORTS_SYMBOL_FILE_H
#define REPORTS_SYMBOL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

struct symbol_files;
struct symbol_file;

/* Files are opened once for all traces of a report. */
struct symbol_files *symbol_files_new(void);
void symbol_files_free(struct symbol_files *files);

/*
 * The file a module was mapped from.  It is good for names only if it is the
 * same file still: if its build id is the recorded one; where none was
 * recorded, if it has none and was last changed before recorded_ns (since
 * 1970).  Never NULL.
 */
struct symbol_file *symbol_files_find(struct symbol_files *files,
				      const struct module_info *module,
				      uint64_t recorded_ns);

/* Why the file gives no names, in words; NULL if it does. */
const char *symbol_file_why_not(const struct symbol_file *file);

struct symbol {
	const char *name; /* demangled */
	uint64_t offset;  /* of the address in it */
	bool is_sized;	  /* false: a label before the address, no more */
};

/*
 * The function or variable that the address lies in.  False if there is none
 * that is known to reach that far; a label without a size counts only in a
 * full symbol table, for there nothing else can lie between.
 */
bool symbol_file_function(struct symbol_file *file, uint64_t address,
			  struct symbol *out);
bool symbol_file_variable(struct symbol_file *file, uint64_t address,
			  struct symbol *out);

struct place {
	const char *function; /* demangled; NULL: unknown */
	const char *path;     /* of the source; NULL: unknown */
	uint32_t line;	      /* 0: unknown */
	bool inlined;	      /* into the next */
};

/*
 * The source places of an address, the innermost inlined function first and
 * the function itself last.  Returns how many were stored, at most n; 0 if
 * there is no debugging information for it.
 */
size_t symbol_file_places(struct symbol_file *file, uint64_t address,
			  struct place *places, size_t n);

#endif

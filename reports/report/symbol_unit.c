/* SPDX-License-Identifier: MIT */
/*
 * See symbol_unit.h.  Debugging information is read by libdw, after DWARF 5
 * (sections 3.3 subroutine entries, 3.3.8 inlined ones).
 */
#include "report/symbol_unit.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

struct unit_range {
	uint64_t first, end;
	Dwarf_Die unit;
};

struct symbol_units {
	struct arena *mem;
	uint64_t bias; /* the file's addresses less those in DWARF */
	struct unit_range *all;
	size_t n, room;
};

static int compare_ranges(const void *a, const void *b)
{
	const struct unit_range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static void add_ranges(struct symbol_units *units, Dwarf_Die *unit)
{
	ptrdiff_t offset = 0;
	Dwarf_Addr base, first, end;

	while ((offset = dwarf_ranges(unit, offset, &base, &first, &end)) > 0) {
		/* A linker leaves the ranges of dropped functions at 0. */
		if (first == 0 || first >= end)
			continue;
		units->all = grow(units->all, &units->room, units->n,
				  sizeof(*units->all));
		units->all[units->n++] = (struct unit_range){
			.first = first,
			.end = end,
			.unit = *unit,
		};
	}
}

struct symbol_units *symbol_units_new(Dwfl_Module *module, uint64_t bias,
				      struct arena *mem)
{
	struct symbol_units *units = zeroed(1, sizeof(*units));
	Dwarf_Die *unit = NULL;
	Dwarf_Addr dwarf_bias;

	units->mem = mem;
	while ((unit = dwfl_module_nextcu(module, unit, &dwarf_bias))) {
		units->bias = dwarf_bias - bias;
		add_ranges(units, unit);
	}
	if (units->n)
		qsort(units->all, units->n, sizeof(*units->all),
		      compare_ranges);
	return units;
}

void symbol_units_free(struct symbol_units *units)
{
	if (!units)
		return;
	store_free(units->all);
	store_free(units);
}

static struct unit_range *unit_of(struct symbol_units *units, uint64_t pc)
{
	size_t low = 0, high = units->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (units->all[middle].first <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || pc >= units->all[low - 1].end)
		return NULL;
	return &units->all[low - 1];
}

/* Where die is written: what it is an instance of, or itself. */
static Dwarf_Die written(Dwarf_Die *die)
{
	static const unsigned names[] = { DW_AT_abstract_origin,
					  DW_AT_specification };
	Dwarf_Attribute attr;
	Dwarf_Die at = *die, next;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (dwarf_attr(&at, names[i], &attr) &&
		    dwarf_formref_die(&attr, &next))
			at = next;
	return at;
}

/*
 * With its classes and namespaces: compilers give no linkage name to functions
 * that are only inlined, such as lambdas.
 */
static const char *qualified(struct arena *mem, Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);
	Dwarf_Die at = written(die);
	Dwarf_Die *scopes = NULL;
	int n = dwarf_getscopes_die(&at, &scopes);

	/* From the second on: the first is the function itself. */
	for (int i = 1; name && i < n; i++) {
		int tag = dwarf_tag(&scopes[i]);
		const char *outer = dwarf_diename(&scopes[i]);

		if (outer &&
		    (tag == DW_TAG_namespace || tag == DW_TAG_structure_type ||
		     tag == DW_TAG_class_type || tag == DW_TAG_subprogram))
			name = arena_printf(mem, "%s::%s", outer, name);
	}
	free(scopes);
	return name;
}

static const char *function_of(struct arena *mem, Dwarf_Die *die)
{
	Dwarf_Attribute attr;

	if (dwarf_attr_integrate(die, DW_AT_linkage_name, &attr) ||
	    dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attr))
		return dwarf_formstring(&attr);
	return qualified(mem, die);
}

static uint32_t number_of(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attr;
	Dwarf_Word value;

	if (!dwarf_attr(die, name, &attr) || dwarf_formudata(&attr, &value))
		return 0;
	return (uint32_t)value;
}

/* Where the function that die was inlined as was called from. */
static void call_site(Dwarf_Die *die, struct place *out)
{
	Dwarf_Die unit;
	Dwarf_Files *files;
	size_t n;
	uint32_t file = number_of(die, DW_AT_call_file);

	out->path = NULL;
	out->line = number_of(die, DW_AT_call_line);
	if (dwarf_diecu(die, &unit, NULL, NULL) &&
	    dwarf_getsrcfiles(&unit, &files, &n) == 0 && file < n)
		out->path = dwarf_filesrc(files, file, NULL, NULL);
}

/* The unit's scopes are in a file of its own after -gsplit-dwarf. */
static Dwarf_Die scopes_of(Dwarf_Die *unit)
{
	Dwarf_Die split;
	uint8_t type;

	if (dwarf_cu_info(unit->cu, NULL, &type, NULL, &split, NULL, NULL,
			  NULL) == 0 &&
	    type == DW_UT_skeleton && split.addr)
		return split;
	return *unit;
}

/* Stores the functions around pc into places that begins with its line. */
static size_t add_functions(struct arena *mem, Dwarf_Die *unit, uint64_t pc,
			    struct place at, struct place *places, size_t n)
{
	Dwarf_Die *scopes = NULL, *nesting = NULL;
	Dwarf_Die top = scopes_of(unit);
	int n_nesting = 0;
	size_t n_places = 0;

	/* getscopes goes on from an inlined function to where it is written;
	   getscopes_die follows the code it was inlined into. */
	if (dwarf_getscopes(&top, pc, &scopes) > 0)
		n_nesting = dwarf_getscopes_die(&scopes[0], &nesting);

	for (int i = 0; i < n_nesting && n_places < n; i++) {
		int tag = dwarf_tag(&nesting[i]);

		if (tag != DW_TAG_inlined_subroutine &&
		    tag != DW_TAG_subprogram)
			continue;
		at.function = function_of(mem, &nesting[i]);
		at.inlined = tag == DW_TAG_inlined_subroutine;
		places[n_places++] = at;
		if (!at.inlined)
			break;
		call_site(&nesting[i], &at);
	}
	free(scopes);
	free(nesting);
	return n_places;
}

size_t symbol_units_places(struct symbol_units *units, uint64_t address,
			   struct place *places, size_t n)
{
	uint64_t pc = address - units->bias;
	struct unit_range *range = unit_of(units, pc);
	struct place at = { 0 };
	Dwarf_Line *line;
	int number = 0;
	size_t n_places;

	if (!range || n == 0)
		return 0;

	line = dwarf_getsrc_die(&range->unit, pc);
	if (line) {
		at.path = dwarf_linesrc(line, NULL, NULL);
		if (dwarf_lineno(line, &number) == 0 && number > 0)
			at.line = (uint32_t)number;
	}
	n_places = add_functions(units->mem, &range->unit, pc, at, places, n);
	if (n_places == 0 && at.path) { /* assembly */
		places[0] = at;
		n_places = 1;
	}
	return n_places;
}

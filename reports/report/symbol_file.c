/* SPDX-License-Identifier: MIT */
/*
 * Files and their symbol tables.  libdwfl finds the file's debugging
 * information; its symbol look-up walks the whole table for each address
 * (3 ms in libLLVM), hence tables of our own.
 */
#include "report/symbol_file.h"

#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libiberty/demangle.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/symbol_unit.h"
#include "store.h"
#include "text.h"

/* A symbol of a table, and how far it and all before it reach. */
struct entry {
	uint64_t first, size;
	uint64_t reach;
	uint64_t limit; /* size 0: end of its section */
	const char *name;
	uint8_t bind; /* STB_... */
};

struct entries {
	struct entry *all;
	size_t n, room;
};

struct symbol_file {
	struct symbol_file *next;
	struct symbol_files *files;
	const struct module_info *module; /* path and build id: copies */
	const char *why_not;
	Dwfl *dwfl;
	Dwfl_Module *dwfl_module;
	uint64_t bias; /* libdwfl's address less the file's */
	bool has_entries;
	struct entries functions, variables;
	struct symbol_units *units; /* NULL: not asked for yet */
};

struct symbol_files {
	struct arena *mem;
	struct symbol_file *all;
	char *debuginfo_path; /* libdwfl's; NULL: its default */
	Dwfl_Callbacks callbacks;
};

struct symbol_files *symbol_files_new(void)
{
	struct arena *mem = arena_new();
	struct symbol_files *files = arena_alloc(mem, sizeof(*files));

	files->mem = mem;
	files->callbacks = (Dwfl_Callbacks){
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
		.debuginfo_path = &files->debuginfo_path,
	};
	return files;
}

void symbol_files_free(struct symbol_files *files)
{
	if (!files)
		return;
	for (struct symbol_file *f = files->all; f; f = f->next) {
		symbol_units_free(f->units);
		dwfl_end(f->dwfl);
		store_free(f->functions.all);
		store_free(f->variables.all);
	}
	arena_free(files->mem);
}

static bool same_build_id(const uint8_t *a, size_t n_a, const uint8_t *b,
			  size_t n_b)
{
	return n_a == n_b && (n_a == 0 || memcmp(a, b, n_a) == 0);
}

/*
 * Opened here and not by libdwfl: the path comes from the trace, and may be a
 * pipe by now.
 */
static int open_file(struct symbol_file *file, struct stat *st)
{
	int fd = open(file->module->path,
		      O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		file->why_not = errno == ENOENT ? "the file is gone"
						: "the file cannot be read";
		return -1;
	}
	if (fstat(fd, st) < 0 || !S_ISREG(st->st_mode)) {
		file->why_not = "it is no regular file";
		close(fd);
		return -1;
	}
	return fd;
}

static void check_identity(struct symbol_file *file, const struct stat *st,
			   uint64_t recorded_ns)
{
	const struct module_info *module = file->module;
	const unsigned char *id = NULL;
	GElf_Addr unused;
	uint64_t changed_ns = (uint64_t)st->st_mtim.tv_sec * 1000000000u +
			      (uint64_t)st->st_mtim.tv_nsec;
	int n = dwfl_module_build_id(file->dwfl_module, &id, &unused);

	if (!same_build_id(id, n > 0 ? (size_t)n : 0, module->build_id,
			   module->n_build_id))
		file->why_not = "the file has another build id now";
	else if (module->n_build_id == 0 && changed_ns >= recorded_ns)
		file->why_not = "the file has no build id and was changed "
				"after the recording";
}

static void open_module(struct symbol_file *file, uint64_t recorded_ns)
{
	struct stat st;
	int fd = open_file(file, &st);

	if (fd < 0)
		return;

	file->dwfl = dwfl_begin(&file->files->callbacks);
	if (file->dwfl) {
		dwfl_report_begin(file->dwfl);
		/* At the addresses of its own symbols; takes the descriptor
		   only if it succeeds. */
		file->dwfl_module =
			dwfl_report_elf(file->dwfl, file->module->path,
					file->module->path, fd, 0, true);
		dwfl_report_end(file->dwfl, NULL, NULL);
	}
	if (!file->dwfl_module) {
		close(fd);
		file->why_not = "the file is no ELF file";
		return;
	}
	if (!dwfl_module_getelf(file->dwfl_module, &file->bias)) {
		file->why_not = "the file is no ELF file";
		return;
	}
	check_identity(file, &st, recorded_ns);
}

struct symbol_file *symbol_files_find(struct symbol_files *files,
				      const struct module_info *module,
				      uint64_t recorded_ns)
{
	struct symbol_file *file;
	struct module_info *copy;
	uint8_t *id;

	for (file = files->all; file; file = file->next)
		if (strcmp(file->module->path, module->path) == 0 &&
		    same_build_id(file->module->build_id,
				  file->module->n_build_id, module->build_id,
				  module->n_build_id))
			return file;

	copy = arena_alloc(files->mem, sizeof(*copy));
	id = arena_alloc(files->mem, module->n_build_id + 1u);
	if (module->n_build_id)
		memcpy(id, module->build_id, module->n_build_id);
	*copy = *module;
	copy->path = arena_strdup(files->mem, module->path);
	copy->build_id = id;

	file = arena_alloc(files->mem, sizeof(*file));
	file->files = files;
	file->module = copy;
	file->next = files->all;
	files->all = file;
	open_module(file, recorded_ns);
	return file;
}

const char *symbol_file_why_not(const struct symbol_file *file)
{
	return file->why_not;
}

/* Whether elf has .symtab: .dynsym leaves out most functions. */
static bool has_full_table(Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) &&
		    header.sh_type == SHT_SYMTAB)
			return true;
	return false;
}

/*
 * A label says what it stands for only where every function has a symbol, and
 * no further than its section: _init would give its name to the whole PLT.
 * Returns 0 if it is none of code.
 */
static uint64_t label_limit(Elf *elf, GElf_Word section)
{
	GElf_Shdr header;
	Elf_Scn *scn = elf_getscn(elf, section);

	if (!scn || !gelf_getshdr(scn, &header) ||
	    !(header.sh_flags & SHF_EXECINSTR) || !has_full_table(elf))
		return 0;
	return header.sh_addr + header.sh_size;
}

static void entries_add(struct entries *list, const struct entry *entry)
{
	list->all = grow(list->all, &list->room, list->n, sizeof(*entry));
	list->all[list->n++] = *entry;
}

static unsigned n_underscores(const char *name)
{
	return (unsigned)strspn(name, "_");
}

/* STB_GLOBAL, STB_WEAK, others: a name of many that a person would use. */
static unsigned rank(const struct entry *e)
{
	return e->bind == STB_GLOBAL ? 0 : e->bind == STB_WEAK ? 1 : 2;
}

/* By address; of several at one address the preferred one last. */
static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if ((x->size == 0) != (y->size == 0))
		return x->size == 0 ? -1 : 1;
	if (rank(x) != rank(y))
		return rank(x) > rank(y) ? -1 : 1;
	if (n_underscores(x->name) != n_underscores(y->name))
		return n_underscores(x->name) > n_underscores(y->name) ? -1 : 1;
	return strcmp(y->name, x->name);
}

static void entries_sort(struct entries *list)
{
	uint64_t reach = 0;

	if (list->n)
		qsort(list->all, list->n, sizeof(*list->all), compare_entries);
	for (size_t i = 0; i < list->n; i++) {
		struct entry *e = &list->all[i];

		if (e->first + e->size > reach)
			reach = e->first + e->size;
		e->reach = reach;
	}
}

static void add_symbol(struct symbol_file *file, int i)
{
	GElf_Sym sym;
	GElf_Addr value;
	GElf_Word section;
	Elf *elf;
	struct entry e = { 0 };

	e.name = dwfl_module_getsym_info(file->dwfl_module, i, &sym, &value,
					 &section, &elf, NULL);
	if (!e.name || !*e.name || section == SHN_UNDEF || section == SHN_ABS)
		return;

	e.first = value - file->bias;
	e.size = sym.st_size;
	e.bind = GELF_ST_BIND(sym.st_info);
	switch (GELF_ST_TYPE(sym.st_info)) {
	case STT_FUNC:
	case STT_GNU_IFUNC:
	case STT_NOTYPE: /* labels of assembly */
		if (e.size == 0)
			e.limit = label_limit(elf, section);
		if (e.size || e.limit)
			entries_add(&file->functions, &e);
		break;
	case STT_OBJECT:
	case STT_COMMON:
		if (e.size)
			entries_add(&file->variables, &e);
		break;
	default:
		break;
	}
}

static void read_symbols(struct symbol_file *file)
{
	int n = dwfl_module_getsymtab(file->dwfl_module);

	for (int i = 1; i < n; i++)
		add_symbol(file, i);
	entries_sort(&file->functions);
	entries_sort(&file->variables);
	file->has_entries = true;
}

/* Of those that cover the address the one that begins last. */
static const struct entry *covering(const struct entries *list,
				    uint64_t address)
{
	size_t low = 0, high = list->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->all[middle].first <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = low; i-- > 0;) {
		const struct entry *e = &list->all[i];

		if (address - e->first < e->size)
			return e;
		if (e->reach <= address) {
			const struct entry *last = &list->all[low - 1];

			/* The last thing before it may be a bare label. */
			return address < last->limit ? last : NULL;
		}
	}
	return NULL;
}

static const char *demangled(struct symbol_files *files, const char *name)
{
	char *text = cplus_demangle(name, DMGL_AUTO);
	const char *kept = text_clean(files->mem, text ? text : name);

	free(text);
	return kept;
}

static bool look_up(struct symbol_file *file, const struct entries *list,
		    uint64_t address, struct symbol *out)
{
	const struct entry *e;

	if (file->why_not)
		return false;
	if (!file->has_entries)
		read_symbols(file);
	e = covering(list, address);
	if (!e)
		return false;
	*out = (struct symbol){
		.name = demangled(file->files, e->name),
		.offset = address - e->first,
		.is_sized = e->size > 0,
	};
	return true;
}

bool symbol_file_function(struct symbol_file *file, uint64_t address,
			  struct symbol *out)
{
	return look_up(file, &file->functions, address, out);
}

bool symbol_file_variable(struct symbol_file *file, uint64_t address,
			  struct symbol *out)
{
	return look_up(file, &file->variables, address, out);
}

size_t symbol_file_places(struct symbol_file *file, uint64_t address,
			  struct place *places, size_t n)
{
	if (file->why_not)
		return 0;
	if (!file->units)
		file->units = symbol_units_new(file->dwfl_module, file->bias,
					       file->files->mem);

	n = symbol_units_places(file->units, address, places, n);
	for (size_t i = 0; i < n; i++) {
		if (places[i].function)
			places[i].function =
				demangled(file->files, places[i].function);
		if (places[i].path)
			places[i].path =
				text_clean(file->files->mem, places[i].path);
	}
	return n;
}

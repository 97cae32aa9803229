/* SPDX-License-Identifier: MIT */
/*
 * See symbols.h.  A return address is that of the instruction after the call,
 * which may belong to another line or even function: what is looked up is the
 * byte before it.
 */
#include "report/symbols.h"

#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "text.h"
#include "world/origin.h"

#define MAX_INLINED 64

struct loaded {
	const struct module_info *info;
	const char *path;	  /* outlives the trace */
	const char *build_id;	  /* in hexadecimal; NULL: none */
	struct symbol_file *file; /* NULL: not asked for yet */
	bool is_shim, is_program;
};

struct symbols {
	const struct trace_info *info;
	struct symbol_files *files;
	struct arena *mem;
	struct loaded *modules;	 /* [info->n_modules] */
	struct table *by_epoch;	 /* (address, epoch) to a number in known + 1 */
	struct table *by_module; /* (address, module) likewise */
	struct shown_stack *known; /* frames of one address; 0: none */
	size_t n_known, room_known;
	struct shown_stack **stacks; /* [info->n_stacks]; NULL: not yet */
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool is_system_path(const char *path)
{
	static const char *const folders[] = {
		"/lib/",       "/lib64/",     "/lib32/",       "/usr/lib/",
		"/usr/lib64/", "/usr/lib32/", "/usr/libexec/", "[",
	};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (starts_with(path, folders[i]))
			return true;
	return strstr(path, "vdso") != NULL;
}

static const char *hexadecimal(struct arena *mem, const uint8_t *bytes,
			       size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *text = arena_alloc(mem, 2 * n + 1);

	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	return text;
}

struct symbols *symbols_new(const struct trace_info *info,
			    struct symbol_files *files, struct arena *mem)
{
	struct symbols *symbols = arena_alloc(mem, sizeof(*symbols));

	*symbols = (struct symbols){
		.info = info,
		.files = files,
		.mem = mem,
		.modules = arena_alloc(
			mem, info->n_modules * sizeof(*symbols->modules) + 1),
		.stacks = arena_alloc(
			mem, info->n_stacks * sizeof(*symbols->stacks) + 1),
		.by_epoch = table_new(),
		.by_module = table_new(),
	};
	for (size_t i = 0; i < info->n_modules; i++) {
		const struct module_info *m = &info->modules[i];

		symbols->modules[i] = (struct loaded){
			.info = m,
			.path = text_clean(mem, m->path),
			.is_shim =
				starts_with(base_name(m->path), "libcmshim.so"),
			.is_program =
				!is_system_path(m->path) ||
				strcmp(m->path, info->header->program) == 0,
			.build_id = m->n_build_id
					    ? hexadecimal(mem, m->build_id,
							  m->n_build_id)
					    : NULL,
		};
	}
	return symbols;
}

void symbols_free(struct symbols *symbols)
{
	if (!symbols)
		return;
	table_free(symbols->by_epoch);
	table_free(symbols->by_module);
	store_free(symbols->known);
}

static struct symbol_file *file_of(struct symbols *symbols, size_t module)
{
	struct loaded *m = &symbols->modules[module];

	if (!m->file)
		m->file = symbol_files_find(
			symbols->files, m->info,
			symbols->info->header->start_realtime_ns);
	return m->file;
}

static bool is_of_program(const struct loaded *module, const char *function,
			  const char *path)
{
	static const char *const prefixes[] = { "std::", "__gnu_cxx::",
						"__gthread", "void std::" };

	if (!module->is_program)
		return false;
	if (path && starts_with(path, "/usr/include/"))
		return false;
	for (size_t i = 0; function && i < 4; i++)
		if (starts_with(function, prefixes[i]))
			return false;
	return true;
}

/* What a symbol says: its name, or that the address is somewhere after it. */
static const char *symbol_text(struct arena *mem, const struct symbol *symbol)
{
	return symbol->is_sized
		       ? symbol->name
		       : arena_printf(mem, "%s+0x%llx", symbol->name,
				      (unsigned long long)symbol->offset);
}

/* All frames at one address of a module, the innermost inlined one first. */
static struct shown_stack frames_at(struct symbols *symbols, size_t module,
				    uint64_t offset)
{
	struct loaded *m = &symbols->modules[module];
	struct symbol_file *file = file_of(symbols, module);
	struct place places[MAX_INLINED];
	size_t n = symbol_file_places(file, offset, places, MAX_INLINED);
	struct symbol symbol;
	struct shown_frame *frames;

	if (n == 0)
		places[n++] = (struct place){ 0 };
	if (!places[n - 1].function &&
	    symbol_file_function(file, offset, &symbol))
		places[n - 1].function = symbol_text(symbols->mem, &symbol);

	frames = arena_alloc(symbols->mem, n * sizeof(*frames));
	for (size_t i = 0; i < n; i++)
		frames[i] = (struct shown_frame){
			.module = m->path,
			.build_id = m->build_id,
			.offset = offset,
			.function = places[i].function,
			.file = places[i].path,
			.line = places[i].line,
			.inlined = places[i].inlined,
			.is_program = is_of_program(m, places[i].function,
						    places[i].path),
		};
	return (struct shown_stack){ .frames = frames, .n_frames = n };
}

static struct shown_stack frames_nowhere(struct symbols *symbols,
					 uint64_t address)
{
	struct shown_frame *frame = arena_alloc(symbols->mem, sizeof(*frame));

	frame->offset = address;
	return (struct shown_stack){ .frames = frame, .n_frames = 1 };
}

static size_t remember(struct symbols *symbols, struct shown_stack found)
{
	symbols->known = grow(symbols->known, &symbols->room_known,
			      symbols->n_known, sizeof(*symbols->known));
	symbols->known[symbols->n_known++] = found;
	return symbols->n_known;
}

/* The number in known, plus one, of what is at an address of a module. */
static uint64_t look_up_in(struct symbols *symbols, uint64_t address,
			   size_t module)
{
	uint64_t *known = table_at(symbols->by_module, address, module);

	if (*known)
		return *known;
	if (module == symbols->info->n_modules)
		*known = remember(symbols, frames_nowhere(symbols, address));
	else if (symbols->modules[module].is_shim)
		*known = remember(symbols, (struct shown_stack){ 0 });
	else
		*known = remember(
			symbols,
			frames_at(symbols, module,
				  address -
					  symbols->info->modules[module].bias));
	return *known;
}

static struct shown_stack look_up(struct symbols *symbols, uint64_t address,
				  uint32_t epoch)
{
	uint64_t *known = table_at(symbols->by_epoch, address, epoch);

	if (!*known)
		*known = look_up_in(
			symbols, address,
			origin_module(symbols->info, address, epoch));
	return symbols->known[*known - 1];
}

static struct shown_stack *resolve(struct symbols *symbols,
				   const struct stack_info *stack)
{
	struct shown_stack *out = arena_alloc(symbols->mem, sizeof(*out));
	struct shown_frame *frames;
	size_t n = 0;

	for (uint32_t i = 0; i < stack->n_frames; i++)
		n += look_up(symbols, stack->frames[i] - 1, stack->epoch)
			     .n_frames;

	frames = arena_alloc(symbols->mem, n * sizeof(*frames) + 1);
	out->frames = frames;
	for (uint32_t i = 0; i < stack->n_frames; i++) {
		struct shown_stack at =
			look_up(symbols, stack->frames[i] - 1, stack->epoch);

		if (at.n_frames)
			memcpy(&frames[out->n_frames], at.frames,
			       at.n_frames * sizeof(*frames));
		out->n_frames += at.n_frames;
	}
	return out;
}

struct shown_stack symbols_stack(struct symbols *symbols, uint32_t stack)
{
	if (stack == 0 || stack >= symbols->info->n_stacks)
		return (struct shown_stack){ 0 };
	if (!symbols->stacks[stack])
		symbols->stacks[stack] =
			resolve(symbols, &symbols->info->stacks[stack]);
	return *symbols->stacks[stack];
}

const char *symbols_function(struct symbols *symbols, uint64_t address,
			     uint32_t epoch, bool *is_program)
{
	struct shown_stack at;
	const struct shown_frame *outermost;

	if (address == 0)
		return NULL;
	at = look_up(symbols, address, epoch);
	if (at.n_frames == 0)
		return NULL;
	outermost = &at.frames[at.n_frames - 1];
	if (is_program)
		*is_program = outermost->is_program;
	if (outermost->function)
		return outermost->function;
	return symbols_frame_text(symbols->mem, outermost);
}

const char *symbols_variable(struct symbols *symbols, uint64_t address,
			     uint32_t epoch)
{
	size_t module = origin_module(symbols->info, address, epoch);
	const struct module_info *m;
	const char *name;
	struct symbol symbol;
	unsigned long long offset;

	if (module >= symbols->info->n_modules ||
	    symbols->modules[module].is_shim)
		return NULL;
	m = &symbols->info->modules[module];
	name = base_name(m->path);
	offset = address - m->bias;
	if (!symbol_file_variable(file_of(symbols, module), offset, &symbol))
		return arena_printf(symbols->mem, "%s+0x%llx", name, offset);
	if (symbol.offset == 0)
		return arena_printf(symbols->mem, "%s!%s", name, symbol.name);
	return arena_printf(symbols->mem, "%s!%s+0x%llx", name, symbol.name,
			    (unsigned long long)symbol.offset);
}

const char *symbols_frame_text(struct arena *mem,
			       const struct shown_frame *frame)
{
	const char *module = frame->module ? base_name(frame->module) : NULL;
	unsigned long long offset = frame->offset;

	if (!module)
		return arena_printf(mem, "0x%llx", offset);
	if (!frame->function)
		return arena_printf(mem, "%s+0x%llx", module, offset);
	if (!frame->file)
		return arena_printf(mem, "%s (%s)", frame->function, module);
	return arena_printf(mem, "%s (%s:%u)", frame->function,
			    base_name(frame->file), (unsigned)frame->line);
}

const struct shown_frame *shown_stack_program(const struct shown_stack *stack)
{
	for (size_t i = 0; i < stack->n_frames; i++)
		if (stack->frames[i].is_program)
			return &stack->frames[i];
	return stack->n_frames ? &stack->frames[0] : NULL;
}

size_t symbols_unnamed(struct symbols *symbols,
		       const struct shown_unnamed **out)
{
	size_t n = 0;
	struct shown_unnamed *list = arena_alloc(
		symbols->mem, symbols->info->n_modules * sizeof(*list) + 1);

	for (size_t i = 0; i < symbols->info->n_modules; i++) {
		const struct loaded *m = &symbols->modules[i];
		const char *why = m->file ? symbol_file_why_not(m->file) : NULL;

		if (why && m->path[0] == '/') /* not [vdso] */
			list[n++] = (struct shown_unnamed){
				.module = m->path,
				.why = why,
			};
	}
	*out = list;
	return n;
}

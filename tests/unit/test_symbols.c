/* SPDX-License-Identifier: MIT */
/*
 * Names for addresses, in libraries that are compiled here with $CC (cc) and
 * $CXX (c++), and loaded, so that the addresses are those of real calls.
 */
#include "report/symbols.h"

#include <dlfcn.h>
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"
#include "suites.h"

/*
 * call_probe() returns where probe() was about to return to: in outer(), into
 * which inner(), whose line 12 has the call, was inlined in line 17.
 */
static const char source[] =
	"void *seen;\n"					 /* 1 */
	"int table[16];\n"				 /* 2 */
	"static int secret[4];\n"			 /* 3 */
	"__attribute__((noinline)) int probe(int x)\n"	 /* 4 */
	"{\n"						 /* 5 */
	"	seen = __builtin_return_address(0);\n"	 /* 6 */
	"	return x + secret[x & 3];\n"		 /* 7 */
	"}\n"						 /* 8 */
	"static inline __attribute__((always_inline))\n" /* 9 */
	"int inner(int x)\n"				 /* 10 */
	"{\n"						 /* 11 */
	"	return probe(x) + 1;\n"			 /* 12 */
	"}\n"						 /* 13 */
	"static __attribute__((noinline))\n"		 /* 14 */
	"int outer(int x)\n"				 /* 15 */
	"{\n"						 /* 16 */
	"	return inner(x) * table[x & 15];\n"	 /* 17 */
	"}\n"						 /* 18 */
	"void *call_probe(void)\n"			 /* 19 */
	"{\n"						 /* 20 */
	"	table[0] = secret[0] = outer(0) + 1;\n"	 /* 21 */
	"	return seen;\n"				 /* 22 */
	"}\n"						 /* 23 */
	"void *secret_of(void)\n"			 /* 24 */
	"{\n"						 /* 25 */
	"	return secret;\n"			 /* 26 */
	"}\n"						 /* 27 */
	"__asm__(\".text\\n.globl bare\\nbare:\\n.rept 32\\n\"\n"
	"	\"nop\\n.endr\\nret\\n\");\n";

static const char cxx_source[] =
	"void *seen;\n"
	"namespace app {\n"
	"struct Cache {\n"
	"	int insert(int x) __attribute__((noinline));\n"
	"};\n"
	"__attribute__((noinline)) int probe(int x)\n"
	"{\n"
	"	seen = __builtin_return_address(0);\n"
	"	return x;\n"
	"}\n"
	"int Cache::insert(int x)\n"
	"{\n"
	"	return probe(x) + 1;\n" /* 13 */
	"}\n"
	"}\n"
	"extern \"C\" void *call_probe()\n"
	"{\n"
	"	app::Cache c;\n"
	"	return c.insert(1) ? seen : nullptr;\n"
	"}\n";

static char folder[64];
static struct arena *mem;
static struct symbol_files *files;

/* One loaded library as a trace would have it. */
static struct cmshim_header header;
static char path[128];
static uint8_t build_id[64];
static struct module_info module;
static uint64_t frames[1];
static struct stack_info stacks[2];
static struct trace_info info;
static void *library;

static void begin(void)
{
	snprintf(folder, sizeof(folder), "/tmp/cmshim-symbols-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	mem = arena_new();
	files = symbol_files_new();
	unsetenv("DEBUGINFOD_URLS");
}

__attribute__((format(printf, 1, 2))) static void shell(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	ck_assert_msg(system(command) == 0, "failed: %s", command);
}

static void end(void)
{
	symbol_files_free(files);
	arena_free(mem);
	shell("rm -rf '%s'", folder);
}

/* Compiles text, as the file name, into the library at path. */
static void build(const char *text, const char *name, const char *options)
{
	bool is_cxx = strstr(name, ".cc");
	const char *compiler = getenv(is_cxx ? "CXX" : "CC");
	char source_path[128];
	FILE *out;

	snprintf(source_path, sizeof(source_path), "%s/%s", folder, name);
	out = fopen(source_path, "w");
	ck_assert(out && fputs(text, out) >= 0 && fclose(out) == 0);

	snprintf(path, sizeof(path), "%s/libprobe.so", folder);
	if (!compiler)
		compiler = is_cxx ? "c++" : "cc";
	/* There, for a .dwo may be written where the compiler runs. */
	shell("cd %s && %s -O1 -fno-optimize-sibling-calls -shared -fPIC "
	      "-Wl,--build-id %s -o %s %s",
	      folder, compiler, options, path, source_path);
}

static void record_build_id(void)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf;
	const void *id;
	ssize_t n;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	n = dwelf_elf_gnu_build_id(elf, &id);
	module.n_build_id = n > 0 ? (uint32_t)n : 0;
	if (n > 0)
		memcpy(build_id, id, (size_t)n);
	module.build_id = build_id;
	elf_end(elf);
	close(fd);
}

/* Loads the library and makes a trace with one stack of one frame. */
static struct symbols *load(void)
{
	struct link_map *map;
	void *(*call_probe)(void);

	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	ck_assert_msg(library, "%s", dlerror());
	ck_assert_int_eq(dlinfo(library, RTLD_DI_LINKMAP, &map), 0);
	*(void **)&call_probe = dlsym(library, "call_probe");

	record_build_id();
	module.path = path;
	module.bias = map->l_addr;
	module.first = map->l_addr;
	module.end = map->l_addr + 0x10000;
	module.since = 0;
	module.gone = UINT32_MAX;
	frames[0] = (uintptr_t)call_probe();
	stacks[1] = (struct stack_info){ frames, 1, 0 };
	header.start_realtime_ns = UINT64_MAX;
	info = (struct trace_info){ .header = &header,
				    .stacks = stacks,
				    .n_stacks = 2,
				    .modules = &module,
				    .n_modules = 1 };
	return symbols_new(&info, files, mem);
}

static uint64_t address_of(const char *name)
{
	void *address = dlsym(library, name);

	ck_assert_ptr_nonnull(address);
	return (uintptr_t)address;
}

static void ck_offset_only(struct shown_stack stack)
{
	ck_assert_uint_eq(stack.n_frames, 1);
	ck_assert_str_eq(stack.frames[0].module, path);
	ck_assert_uint_eq(stack.frames[0].offset, frames[0] - 1 - module.bias);
	ck_assert_ptr_null(stack.frames[0].function);
	ck_assert_ptr_null(stack.frames[0].file);
	ck_assert_uint_eq(stack.frames[0].line, 0);
}

static void ck_ends_with(const char *text, const char *wanted)
{
	size_t n = strlen(text), n_wanted = strlen(wanted);

	ck_assert(n >= n_wanted);
	ck_assert_str_eq(text + n - n_wanted, wanted);
}

static void ck_debug_frames(struct symbols *symbols)
{
	struct shown_stack stack = symbols_stack(symbols, 1);

	ck_assert_uint_eq(stack.n_frames, 2);
	ck_assert_str_eq(stack.frames[0].function, "inner");
	ck_assert_uint_eq(stack.frames[0].line, 12);
	ck_assert(stack.frames[0].inlined);
	ck_ends_with(stack.frames[0].file, "/probe.c");
	ck_assert_str_eq(stack.frames[1].function, "outer");
	ck_assert_uint_eq(stack.frames[1].line, 17);
	ck_assert(!stack.frames[1].inlined);
	ck_ends_with(stack.frames[1].file, "/probe.c");
	ck_assert(stack.frames[1].is_program);
	ck_assert_uint_eq(stack.frames[0].offset, frames[0] - 1 - module.bias);
	symbols_free(symbols);
}

START_TEST(debugging_information_gives_lines_and_inlined_functions)
{
	build(source, "probe.c", "-g");
	ck_debug_frames(load());
}
END_TEST

START_TEST(dwarf_4_is_read_as_well)
{
	build(source, "probe.c", "-gdwarf-4");
	ck_debug_frames(load());
}
END_TEST

/* Units are found without .debug_aranges, which clang leaves out. */
START_TEST(address_ranges_of_units_are_not_needed)
{
	build(source, "probe.c", "-g");
	shell("objcopy --remove-section .debug_aranges %s", path);
	ck_debug_frames(load());
}
END_TEST

START_TEST(split_dwarf_is_read)
{
	build(source, "probe.c", "-g -gsplit-dwarf");
	ck_debug_frames(load());
}
END_TEST

START_TEST(debugging_information_may_be_in_a_file_of_its_own)
{
	build(source, "probe.c", "-g");
	shell("objcopy --only-keep-debug %s %s/libprobe.so.debug", path,
	      folder);
	shell("strip %s && cd %s && objcopy --add-gnu-debuglink="
	      "libprobe.so.debug %s",
	      path, folder, path);
	ck_debug_frames(load());
}
END_TEST

START_TEST(without_it_symbols_give_functions)
{
	struct shown_stack stack;
	struct symbols *symbols;

	build(source, "probe.c", "-g0");
	symbols = load();
	stack = symbols_stack(symbols, 1);

	ck_assert_uint_eq(stack.n_frames, 1);
	ck_assert_str_eq(stack.frames[0].function, "outer");
	ck_assert_ptr_null(stack.frames[0].file);
	symbols_free(symbols);
}
END_TEST

/* outer() has no symbol any more; what lies before it has, and must not lend
   its name. */
START_TEST(stripped_file_gives_no_wrong_name)
{
	struct symbols *symbols;

	build(source, "probe.c", "-g0 -s");
	symbols = load();

	ck_offset_only(symbols_stack(symbols, 1));
	ck_assert_str_eq(
		symbols_function(symbols, address_of("probe"), 0, NULL),
		"probe");
	/* A dynamic symbol without a size is no answer. */
	ck_assert_int_eq(
		strncmp(symbols_function(symbols, address_of("bare") + 8, 0,
					 NULL),
			"libprobe.so+0x", 14),
		0);
	symbols_free(symbols);
}
END_TEST

START_TEST(label_of_assembly_says_how_far_it_is)
{
	struct symbols *symbols;

	build(source, "probe.c", "-g0");
	symbols = load();

	ck_assert_str_eq(
		symbols_function(symbols, address_of("bare") + 8, 0, NULL),
		"bare+0x8");
	symbols_free(symbols);
}
END_TEST

/* Where the section begins, as the file says. */
static uint64_t section_offset(const char *name)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
	Elf_Scn *section = NULL;
	uint64_t found = 0;
	size_t names;

	ck_assert_int_eq(elf_getshdrstrndx(elf, &names), 0);
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr at;

		gelf_getshdr(section, &at);
		if (strcmp(elf_strptr(elf, names, at.sh_name), name) == 0)
			found = at.sh_addr;
	}
	elf_end(elf);
	close(fd);
	ck_assert_uint_ne(found, 0);
	return found;
}

/* The label before it is _init, of another section. */
START_TEST(label_does_not_reach_out_of_its_section)
{
	struct symbols *symbols;
	char wanted[64];
	uint64_t plt;

	build(source, "probe.c", "-g0");
	symbols = load();
	plt = section_offset(".plt");
	snprintf(wanted, sizeof(wanted), "libprobe.so+0x%llx",
		 (unsigned long long)plt);

	ck_assert_str_eq(symbols_function(symbols, module.bias + plt, 0, NULL),
			 wanted);
	symbols_free(symbols);
}
END_TEST

START_TEST(variables_are_named_by_object_symbols)
{
	struct symbols *symbols;
	uint64_t table;

	build(source, "probe.c", "-g");
	symbols = load();
	table = address_of("table");

	ck_assert_str_eq(symbols_variable(symbols, table, 0),
			 "libprobe.so!table");
	ck_assert_str_eq(symbols_variable(symbols, table + 0x10, 0),
			 "libprobe.so!table+0x10");
	/* No variable is at the ELF header; nothing of ours is on the heap. */
	ck_assert_str_eq(symbols_variable(symbols, module.bias + 4, 0),
			 "libprobe.so+0x4");
	ck_assert_ptr_null(symbols_variable(symbols, 64, 0));
	symbols_free(symbols);
}
END_TEST

START_TEST(static_variable_needs_the_full_table)
{
	struct symbols *symbols;
	void *(*secret_of)(void);
	char wanted[64];
	uint64_t secret;

	build(source, "probe.c", "-g0");
	symbols = load();
	*(void **)&secret_of = dlsym(library, "secret_of");
	ck_assert_str_eq(symbols_variable(symbols, (uintptr_t)secret_of(), 0),
			 "libprobe.so!secret");
	symbols_free(symbols);

	dlclose(library);
	symbol_files_free(files);
	files = symbol_files_new();
	unlink(path);
	build(source, "probe.c", "-g0 -s");
	symbols = load();
	*(void **)&secret_of = dlsym(library, "secret_of");
	secret = (uintptr_t)secret_of();
	snprintf(wanted, sizeof(wanted), "libprobe.so+0x%llx",
		 (unsigned long long)(secret - module.bias));
	ck_assert_str_eq(symbols_variable(symbols, secret, 0), wanted);
	symbols_free(symbols);
}
END_TEST

static void ck_refused(struct symbols *symbols, const char *why)
{
	const struct shown_unnamed *unnamed;

	ck_offset_only(symbols_stack(symbols, 1));
	ck_assert_uint_eq(symbols_unnamed(symbols, &unnamed), 1);
	ck_assert_str_eq(unnamed[0].module, path);
	ck_assert_str_eq(unnamed[0].why, why);
	symbols_free(symbols);
}

START_TEST(other_build_id_gives_no_names)
{
	struct symbols *symbols;

	build(source, "probe.c", "-g");
	symbols = load();
	build_id[0] ^= 1;

	ck_refused(symbols, "the file has another build id now");
}
END_TEST

START_TEST(lost_build_id_gives_no_names)
{
	struct symbols *symbols;

	build(source, "probe.c", "-g");
	symbols = load();
	unlink(path);
	build(source, "probe.c", "-g -Wl,--build-id=none");

	ck_refused(symbols, "the file has another build id now");
}
END_TEST

START_TEST(without_build_ids_the_file_must_be_older_than_the_trace)
{
	struct symbols *symbols;
	struct stat st;
	uint64_t changed_ns;

	build(source, "probe.c", "-g -Wl,--build-id=none");
	symbols = load();
	ck_assert_uint_eq(module.n_build_id, 0);
	stat(path, &st);
	changed_ns = (uint64_t)st.st_mtim.tv_sec * 1000000000u +
		     (uint64_t)st.st_mtim.tv_nsec;

	header.start_realtime_ns = changed_ns + 1;
	ck_debug_frames(symbols);

	symbol_files_free(files);
	files = symbol_files_new();
	header.start_realtime_ns = changed_ns;
	ck_refused(symbols_new(&info, files, mem),
		   "the file has no build id and was changed after the "
		   "recording");
}
END_TEST

START_TEST(what_is_no_elf_file_gives_no_names)
{
	struct symbols *symbols;

	build(source, "probe.c", "-g");
	symbols = load();
	unlink(path);
	shell("echo text >%s", path);

	ck_refused(symbols, "the file is no ELF file");
}
END_TEST

/* Opening it would wait for a writer. */
START_TEST(pipe_in_the_file_s_place_is_not_read)
{
	struct symbols *symbols;

	build(source, "probe.c", "-g");
	symbols = load();
	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);

	ck_refused(symbols, "it is no regular file");
}
END_TEST

START_TEST(cxx_names_are_readable)
{
	struct shown_stack stack;
	struct symbols *symbols;

	build(cxx_source, "probe.cc", "-g");
	symbols = load();
	stack = symbols_stack(symbols, 1);
	ck_assert_uint_eq(stack.n_frames, 1);
	ck_assert_str_eq(stack.frames[0].function, "app::Cache::insert");
	ck_assert_uint_eq(stack.frames[0].line, 13);
	symbols_free(symbols);

	dlclose(library);
	unlink(path);
	build(cxx_source, "probe.cc", "-g0");
	symbols = load();
	ck_assert_str_eq(symbols_stack(symbols, 1).frames[0].function,
			 "app::Cache::insert");
	symbols_free(symbols);
}
END_TEST

/* The lambda has no symbol and no linkage name: it is only inlined. */
START_TEST(inlined_lambda_says_where_it_is_written)
{
	static const char lambda_source[] =
		"void *seen;\n"
		"__attribute__((noinline)) int probe(int x)\n"
		"{\n"
		"	seen = __builtin_return_address(0);\n"
		"	return x;\n"
		"}\n"
		"extern \"C\" void *call_probe()\n"
		"{\n"
		"	auto f = [](int x) __attribute__((always_inline))\n"
		"		{ return probe(x) + 1; };\n"
		"	return f(1) ? seen : nullptr;\n"
		"}\n";
	struct shown_stack stack;
	struct symbols *symbols;
	const char *name;

	build(lambda_source, "probe.cc", "-g");
	symbols = load();
	stack = symbols_stack(symbols, 1);

	ck_assert_uint_eq(stack.n_frames, 2);
	name = stack.frames[0].function;
	ck_assert_msg(strncmp(name, "call_probe::", 12) == 0, "%s", name);
	ck_ends_with(name, "operator()");
	ck_assert(stack.frames[0].inlined);
	ck_assert_str_eq(stack.frames[1].function, "call_probe");
	symbols_free(symbols);
}
END_TEST

START_TEST(start_routine_of_the_program_is_told_from_a_library_s)
{
	struct symbols *symbols;
	bool is_program = false;

	build(source, "probe.c", "-g");
	symbols = load();
	symbols_function(symbols, address_of("probe"), 0, &is_program);
	ck_assert(is_program);
	symbols_free(symbols);

	module.path = "/usr/lib/libprobe.so";
	symbols = symbols_new(&info, files, mem);
	symbols_function(symbols, address_of("probe"), 0, &is_program);
	ck_assert(!is_program);
	symbols_free(symbols);
}
END_TEST

Suite *suite_symbols(void)
{
	const TTest *const tests[] = {
		debugging_information_gives_lines_and_inlined_functions,
		dwarf_4_is_read_as_well,
		address_ranges_of_units_are_not_needed,
		split_dwarf_is_read,
		debugging_information_may_be_in_a_file_of_its_own,
		without_it_symbols_give_functions,
		stripped_file_gives_no_wrong_name,
		label_of_assembly_says_how_far_it_is,
		label_does_not_reach_out_of_its_section,
		variables_are_named_by_object_symbols,
		static_variable_needs_the_full_table,
		other_build_id_gives_no_names,
		lost_build_id_gives_no_names,
		without_build_ids_the_file_must_be_older_than_the_trace,
		what_is_no_elf_file_gives_no_names,
		pipe_in_the_file_s_place_is_not_read,
		cxx_names_are_readable,
		inlined_lambda_says_where_it_is_written,
		start_routine_of_the_program_is_told_from_a_library_s,
	};
	Suite *s = suite_create("symbols");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_set_timeout(tc, 30);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	return s;
}

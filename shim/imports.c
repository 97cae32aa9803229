/* SPDX-License-Identifier: MIT */
#include "imports.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>

#include "sys.h"

/* One file that knows the machine: relocations that hold a function's
   address and nothing else. */
#if defined(__x86_64__)
#define IS_FUNCTION_SLOT(type) \
	((type) == R_X86_64_JUMP_SLOT || (type) == R_X86_64_GLOB_DAT)
#elif defined(__aarch64__)
#define IS_FUNCTION_SLOT(type) \
	((type) == R_AARCH64_JUMP_SLOT || (type) == R_AARCH64_GLOB_DAT)
#endif

struct dynamic {
	const ElfW(Sym) * symbols;
	const char *names;
	const ElfW(Rela) * tables[2]; /* of the PLT, and the others */
	size_t bytes[2];
};

static struct dynamic read_dynamic(const struct link_map *map)
{
	struct dynamic d = { 0 };

	/* glibc has added the load address to these pointers. */
	for (const ElfW(Dyn) *e = map->l_ld; e->d_tag != DT_NULL; e++) {
		const void *p = (const void *)e->d_un.d_ptr;

		switch (e->d_tag) {
		case DT_SYMTAB:
			d.symbols = p;
			break;
		case DT_STRTAB:
			d.names = p;
			break;
		case DT_JMPREL:
			d.tables[0] = p;
			break;
		case DT_PLTRELSZ:
			d.bytes[0] = e->d_un.d_val;
			break;
		case DT_RELA:
			d.tables[1] = p;
			break;
		case DT_RELASZ:
			d.bytes[1] = e->d_un.d_val;
			break;
		}
	}
	return d;
}

/* Whether the dynamic linker has made the address read-only again. */
static bool is_sealed(const struct link_map *map, uintptr_t address)
{
	const ElfW(Ehdr) *head = (const void *)map->l_addr;
	const ElfW(Phdr) *s = (const void *)(map->l_addr + head->e_phoff);

	for (int i = 0; i < head->e_phnum; i++)
		if (s[i].p_type == PT_GNU_RELRO)
			return address - map->l_addr - s[i].p_vaddr <
			       s[i].p_memsz;
	return false;
}

static bool set_slot(const struct link_map *map, uintptr_t address,
		     void (*to)(void))
{
	uintptr_t page = address & ~(uintptr_t)4095;
	bool sealed = is_sealed(map, address);

	if (sealed &&
	    sys_call3(SYS_mprotect, page, 4096, PROT_READ | PROT_WRITE) < 0)
		return false;
	memcpy((void *)address, &to, sizeof(to));
	if (sealed)
		sys_call3(SYS_mprotect, page, 4096, PROT_READ);
	return true;
}

static bool redirect(const struct link_map *map, const struct dynamic *d,
		     const struct import *row)
{
	for (int t = 0; t < 2; t++)
		for (size_t i = 0; i < d->bytes[t] / sizeof(ElfW(Rela)); i++) {
			const ElfW(Rela) *r = &d->tables[t][i];
			const ElfW(Sym) *s =
				&d->symbols[ELF64_R_SYM(r->r_info)];

			if (!IS_FUNCTION_SLOT(ELF64_R_TYPE(r->r_info)) ||
			    strcmp(d->names + s->st_name, row->name) != 0)
				continue;
			if (!set_slot(map, map->l_addr + r->r_offset,
				      row->replacement))
				return false;
		}
	return true;
}

bool imports_redirect(void *library, const struct import *rows, size_t n)
{
	struct link_map *map;
	struct dynamic d;

	if (dlinfo(library, RTLD_DI_LINKMAP, &map) != 0)
		return false;
	d = read_dynamic(map);
	if (!d.symbols || !d.names)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!redirect(map, &d, &rows[i]))
			return false;
	return true;
}

void imports_hide(const void *function)
{
	Dl_info info;
	ElfW(Sym) *symbol = NULL;
	uintptr_t page, end;

	if (!dladdr1(function, &info, (void **)&symbol, RTLD_DL_SYMENT) ||
	    !symbol || info.dli_saddr != function)
		return;
	page = (uintptr_t)symbol & ~(uintptr_t)4095;
	end = (uintptr_t)(symbol + 1);
	if (sys_call3(SYS_mprotect, page, end - page, PROT_READ | PROT_WRITE) <
	    0)
		return;
	/* glibc's look-up passes over what has no value. */
	symbol->st_shndx = SHN_UNDEF;
	symbol->st_value = 0;
	sys_call3(SYS_mprotect, page, end - page, PROT_READ);
}

/* SPDX-License-Identifier: MIT */
/*
 * Functions that the recorder's own libraries also have stay those of the
 * program's: the unwinder of libgcc, backtrace() of the C library.
 *
 * build: -pthread -ldl
 * expect: nothing
 */
#include <cstring>
#include <dlfcn.h>

#include "program.h"

static const char *const names[] = {
	"_Unwind_RaiseException",
	"_Unwind_ForcedUnwind",
	"_Unwind_Resume",
	"_Unwind_GetLanguageSpecificData",
	"_Unwind_GetIP",
	"_Unwind_SetGR",
	"_Unwind_DeleteException",
	"_Unwind_Backtrace",
	"backtrace",
	"backtrace_symbols",
	"dl_iterate_phdr",
	"__gxx_personality_v0",
};

int main()
{
	for (const char *name : names) {
		void *symbol = dlsym(RTLD_DEFAULT, name);
		const char *slash;
		Dl_info info;

		must(symbol && dladdr(symbol, &info), name);
		slash = strrchr(info.dli_fname, '/');
		/* ours may stand in front of this one */
		if (strcmp(name, "dl_iterate_phdr") != 0)
			printf("%s: %s\n", name,
			       slash ? slash + 1 : info.dli_fname);
	}
	try {
		throw 1;
	} catch (int n) {
		IS(1, n);
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A C program has no unwinder until libgcc is loaded, which libc does for
 * cancellation, and a plugin in C++ for exceptions.  Functions of the same
 * names in a library of the recorder's would come first for both, and are
 * given objects they do not know.
 *
 * build: -pthread -ldl
 * expect: nothing
 */
#include <dlfcn.h>
#include <string.h>

#include "program.h"

static const char *const names[] = {
	"_Unwind_RaiseException", "_Unwind_ForcedUnwind",
	"_Unwind_Resume",	  "_Unwind_GetLanguageSpecificData",
	"_Unwind_GetIP",	  "_Unwind_Backtrace",
	"__gcc_personality_v0",	  "backtrace",
	"backtrace_symbols",	  "unw_backtrace",
};

int main(void)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		void *symbol = dlsym(RTLD_DEFAULT, names[i]);
		const char *library = "nowhere";
		Dl_info info;

		if (symbol && dladdr(symbol, &info)) {
			library = strrchr(info.dli_fname, '/');
			library = library ? library + 1 : info.dli_fname;
		}
		printf("%s: %s\n", names[i], library);
	}
	return 0;
}

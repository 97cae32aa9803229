/* SPDX-License-Identifier: MIT */
/*
 * A program that unwinds its own stack by the library that the shim does it
 * with: the library's lock is not the program's, and is there for both.
 *
 * packages: libunwind-dev
 * expect: nothing
 */
#define UNW_LOCAL_ONLY
#include <dlfcn.h>
#include <libunwind.h>

#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
	void *library = dlopen("libunwind.so.8", RTLD_NOW), *frames[16];
	int (*unwind)(void **, int);
	int n;

	must(library != NULL, "load the library");
	*(void **)&unwind = dlsym(library, "unw_backtrace");
	must(unwind != NULL, "find the function");
	for (int i = 0; i < 3; i++) {
		n = unwind(frames, 16);
		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
	}
	printf("%s\n", n > 1 ? "unwound" : "not");
	return 0;
}

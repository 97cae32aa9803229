/* SPDX-License-Identifier: MIT */
/*
 * libc unloads a library by itself, a character set's, and another one comes
 * to lie where that one was: its functions are known by their names.
 *
 * build: -pthread -ldl
 * expect: dl-same-thread-order
 * says: plugin_inner (plugin_orders.c
 */
#include <iconv.h>
#include <stdint.h>
#include <sys/mman.h>

#include "plugin.h"

static iconv_t convert(const char *name)
{
	iconv_t it = iconv_open(name, "UTF-16");

	must(it != (iconv_t)-1, "convert");
	return it;
}

/* Where its file begins; 0: it is not there. */
static uintptr_t loaded_at(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[4096];
	unsigned long at = 0;

	must(maps != NULL, "read what is mapped");
	while (!at && fgets(line, sizeof(line), maps))
		if (strstr(line, name))
			at = strtoul(line, NULL, 16);
	fclose(maps);
	return at;
}

/* Leaves no gap for a small library above the one that is at the address. */
static void fill_gaps_above(uintptr_t at)
{
	const size_t bytes = 5 * 4096;

	for (int i = 0; i < 1000; i++) {
		void *gap = mmap(NULL, bytes, PROT_NONE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		must(gap != MAP_FAILED, "map");
		if ((uintptr_t)gap > at + bytes)
			continue;
		munmap(gap, bytes);
		return;
	}
}

int main(void)
{
	static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER;
	static pthread_mutex_t second = PTHREAD_MUTEX_INITIALIZER;
	void (*use)(void);
	void (*take)(pthread_mutex_t *, pthread_mutex_t *, void (*)(void));
	iconv_t sets;
	uintptr_t old;

	sets = convert("ISO-8859-15");
	old = loaded_at("/ISO8859-15.so");
	must(old != 0, "have the library loaded");
	/* Code that is new: what is loaded is looked at. */
	*(void **)&use =
		plugin_symbol(plugin_open("plugin_locks"), "plugin_use");
	use();
	iconv_close(sets);
	/* It stays until so many others were given up. */
	for (int i = 0; i < 4 && loaded_at("/ISO8859-15.so"); i++)
		iconv_close(convert("ISO-8859-7"));
	IS(0, loaded_at("/ISO8859-15.so"));
	fill_gaps_above(old);
	*(void **)&take =
		plugin_symbol(plugin_open("plugin_orders"), "plugin_take");
	must((uintptr_t)take - old < 5 * 4096, "load it there");
	take(&first, &second, NULL);
	take(&second, &first, NULL);
	return 0;
}

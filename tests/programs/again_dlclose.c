/* SPDX-License-Identifier: MIT */
/*
 * Two locks that are variables of a library, which is unloaded and loaded
 * again at the same address.
 *
 * build: -pthread -ldl
 * expect: nothing
 */
#include "again_there.h"
#include "plugin.h"

int main(void)
{
	void *first, *second, *library;

	pair_threads();
	library = plugin_open("plugin_locks");
	first = plugin_symbol(library, "plugin_pair");
	pair_use(pair_begin(first));
	IS(0, dlclose(library));
	library = plugin_open("plugin_locks");
	second = plugin_symbol(library, "plugin_pair");
	must(first == second, "get the same address");
	pair_use(pair_begin(second));
	IS(0, dlclose(library));
	return 0;
}

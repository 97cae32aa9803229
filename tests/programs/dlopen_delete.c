/* SPDX-License-Identifier: MIT */
/*
 * A program in C loads a library with an operator new and delete of its own:
 * what its new made its own delete gets.  A program without operators finds
 * none.
 *
 * build: -ldl
 * expect: nothing
 */
#include "plugin.h"

int main(void)
{
	int (*use)(void);

	SHOW(dlsym(RTLD_DEFAULT, "_ZdlPv") != NULL);
	*(void **)&use =
		plugin_symbol(plugin_open("plugin_delete"), "plugin_use");
	IS(0, use());
	return 0;
}

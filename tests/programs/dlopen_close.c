/* SPDX-License-Identifier: MIT */
/*
 * A library that locks is loaded, used by two threads and unloaded, many
 * times: its code and its mutex come and go at the same addresses.
 *
 * build: -pthread -ldl
 * expect: nothing
 * allow: perf-hot
 */
#include "plugin.h"

static void (*use)(void);

static void *body(void *unused)
{
	for (int i = 0; i < 100; i++)
		use();
	return unused;
}

int main(void)
{
	for (int i = 0; i < 20; i++) {
		void *library = plugin_open("plugin_locks");
		pthread_t t;

		*(void **)&use = plugin_symbol(library, "plugin_use");
		t = thread_start(body, NULL);
		body(NULL);
		thread_end(t);
		IS(0, dlclose(library));
	}
	must(dlopen("/nowhere/at/all.so", RTLD_NOW) == NULL, "fail");
	printf("%s\n", dlerror());
	return 0;
}

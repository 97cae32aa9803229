/* SPDX-License-Identifier: MIT */
/*
 * A library loaded with RTLD_LOCAL brings GLib along; two threads are in
 * its table at once.
 *
 * build: -pthread -ldl
 * expect: map-race-overlap
 */
#include <stdint.h>

#include "plugin.h"

static int wait_for_both;
static int inside;
static int (*has)(long key);

static unsigned hash(const void *key)
{
	if (wait_for_both)
		meet(&inside, 2);
	return (unsigned)(uintptr_t)key;
}

static void *finder(void *unused)
{
	has(1);
	return unused;
}

int main(void)
{
	void *library = plugin_open("plugin_glib");
	void (*begin)(unsigned (*)(const void *));
	void (*add)(long key);
	unsigned (*end)(void);
	pthread_t t;

	*(void **)&begin = plugin_symbol(library, "plugin_begin");
	*(void **)&add = plugin_symbol(library, "plugin_add");
	*(void **)&has = plugin_symbol(library, "plugin_has");
	*(void **)&end = plugin_symbol(library, "plugin_end");

	begin(hash);
	add(1);
	wait_for_both = 1;
	t = thread_start(finder, NULL);
	add(2);
	thread_end(t);
	IS(2, end());
	return 0;
}

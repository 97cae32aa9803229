/* SPDX-License-Identifier: MIT */
/*
 * A library loaded with RTLD_LOCAL brings GLib along; two threads use its
 * table under a mutex.
 *
 * build: -pthread -ldl
 * expect: nothing
 * allow: perf-hot
 */
#include <stdint.h>

#include "plugin.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static void (*add)(long key);
static int (*has)(long key);

static unsigned hash(const void *key)
{
	return (unsigned)(uintptr_t)key;
}

static void *body(void *from)
{
	long first = *(long *)from;

	for (long key = first; key < first + 500; key++) {
		pthread_mutex_lock(&m);
		add(key);
		must(has(key), "find the key");
		pthread_mutex_unlock(&m);
	}
	return NULL;
}

int main(void)
{
	static long from[] = { 1, 1001 };
	void *library = plugin_open("plugin_glib");
	void (*begin)(unsigned (*)(const void *));
	unsigned (*end)(void);
	pthread_t t;

	*(void **)&begin = plugin_symbol(library, "plugin_begin");
	*(void **)&add = plugin_symbol(library, "plugin_add");
	*(void **)&has = plugin_symbol(library, "plugin_has");
	*(void **)&end = plugin_symbol(library, "plugin_end");

	begin(hash);
	t = thread_start(body, &from[0]);
	body(&from[1]);
	thread_end(t);
	IS(1000, end());
	return 0;
}

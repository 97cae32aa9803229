/* SPDX-License-Identifier: MIT */
/*
 * A library loaded with RTLD_LOCAL brings the functions for C++ variables of
 * functions along: four threads ask for one at once.
 *
 * build: -pthread -ldl
 * expect: nothing
 */
#include "plugin.h"

static int (*value)(void);
static int met;

static void *body(void *unused)
{
	meet(&met, 4);
	must(value() == 42, "initialise once, at the second try");
	return unused;
}

int main(void)
{
	void *library = plugin_open("plugin_guard");
	pthread_t t[3];

	*(void **)(&value) = plugin_symbol(library, "plugin_value");
	for (int i = 0; i < 3; i++)
		t[i] = thread_start(body, NULL);
	body(NULL);
	for (int i = 0; i < 3; i++)
		thread_end(t[i]);
	IS(42, value());
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A thread takes mutexes a hundred thousand times, each given up by a library
 * whose calls do not come by us: it is not known to hold ever more.
 *
 * build: -pthread -ldl
 * expect: nothing
 * trace-max-bytes: 4194304
 */
#include "plugin.h"

static pthread_mutex_t given_up[100], other = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
	void *library =
		plugin_open_with("plugin_hold", RTLD_NOW | RTLD_DEEPBIND);
	void (*give_up)(pthread_mutex_t *);

	*(void **)&give_up = plugin_symbol(library, "plugin_unlock");
	for (int i = 0; i < 100; i++)
		pthread_mutex_init(&given_up[i], NULL);
	for (int i = 0; i < 100000; i++) {
		pthread_mutex_lock(&given_up[i % 100]);
		give_up(&given_up[i % 100]);
		pthread_mutex_lock(&other);
		pthread_mutex_unlock(&other);
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A mutex that a library gave up by a call that does not come by us is
 * unlocked once more, which its kind does not permit.  What the thread holds
 * besides is known all the same: it gives that up, and ends.
 * (unlock_refused.c is about locks that others hold.)
 *
 * build: -pthread -ldl
 * expect: nothing
 */
#include <errno.h>

#include "plugin.h"

static pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t inner = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static void (*give_up)(pthread_mutex_t *);

static void *hold_both(void *unused)
{
	for (int i = 0; i < 3; i++) {
		IS(0, pthread_mutex_lock(&outer));
		IS(0, pthread_mutex_lock(&inner));
		give_up(&inner);
		IS(EPERM, pthread_mutex_unlock(&inner));
		IS(0, pthread_mutex_unlock(&outer));
	}
	return unused;
}

int main(void)
{
	void *library =
		plugin_open_with("plugin_hold", RTLD_NOW | RTLD_DEEPBIND);

	*(void **)&give_up = plugin_symbol(library, "plugin_unlock");
	thread_end(thread_start(hold_both, NULL));
	IS(0, pthread_mutex_lock(&outer));
	IS(0, pthread_mutex_unlock(&outer));
	return 0;
}

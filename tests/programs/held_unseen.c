/* SPDX-License-Identifier: MIT */
/*
 * What threads take is given up by a library whose calls do not come by us.
 * The threads end, and the locks are destroyed: nobody holds them then.
 * (exit_held.c and destroy_held.c are about those who do.)
 *
 * build: -pthread -ldl
 * expect: nothing
 */
#include "plugin.h"

static pthread_mutex_t left = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t destroyed = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t written = PTHREAD_RWLOCK_INITIALIZER;
static void (*give_up)(pthread_mutex_t *);
static void (*give_up_rwlock)(pthread_rwlock_t *);

static void *leave(void *unused)
{
	IS(0, pthread_mutex_lock(&left));
	IS(0, pthread_rwlock_wrlock(&written));
	give_up(&left);
	give_up_rwlock(&written);
	return unused;
}

static void *destroy(void *unused)
{
	IS(0, pthread_mutex_lock(&destroyed));
	give_up(&destroyed);
	IS(0, pthread_mutex_destroy(&destroyed));
	return unused;
}

int main(void)
{
	void *library =
		plugin_open_with("plugin_hold", RTLD_NOW | RTLD_DEEPBIND);

	*(void **)&give_up = plugin_symbol(library, "plugin_unlock");
	*(void **)&give_up_rwlock =
		plugin_symbol(library, "plugin_unlock_rwlock");
	thread_end(thread_start(leave, NULL));
	thread_end(thread_start(destroy, NULL));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A thread takes locks, and gives them up by a library whose calls do not come
 * by us; then another one destroys them: nobody holds them.  (destroy_held.c
 * is about those that somebody holds.)
 *
 * build: -pthread -ldl
 * expect: nothing
 */
#include <threads.h>

#include "plugin.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t red = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t written = PTHREAD_RWLOCK_INITIALIZER;
static mtx_t c11;
static int given_up, destroyed;
static void (*give_up)(pthread_mutex_t *);
static void (*give_up_rwlock)(pthread_rwlock_t *);

static void *use(void *unused)
{
	IS(0, pthread_mutex_lock(&m));
	IS(0, pthread_rwlock_rdlock(&red));
	IS(0, pthread_rwlock_wrlock(&written));
	IS(thrd_success, mtx_lock(&c11));
	give_up(&m);
	give_up_rwlock(&red);
	give_up_rwlock(&written);
	give_up((pthread_mutex_t *)&c11);
	meet(&given_up, 2);
	meet(&destroyed, 2);
	return unused;
}

int main(void)
{
	void *library =
		plugin_open_with("plugin_hold", RTLD_NOW | RTLD_DEEPBIND);
	pthread_t t;

	*(void **)&give_up = plugin_symbol(library, "plugin_unlock");
	*(void **)&give_up_rwlock =
		plugin_symbol(library, "plugin_unlock_rwlock");
	IS(thrd_success, mtx_init(&c11, mtx_plain));
	t = thread_start(use, NULL);
	meet(&given_up, 2);
	IS(0, pthread_mutex_destroy(&m));
	IS(0, pthread_rwlock_destroy(&red));
	IS(0, pthread_rwlock_destroy(&written));
	mtx_destroy(&c11);
	meet(&destroyed, 2);
	thread_end(t);
	return 0;
}

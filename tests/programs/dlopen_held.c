/* SPDX-License-Identifier: MIT */
/*
 * A library whose calls do not come by us takes locks that the program gives
 * up, and gives up one that another thread of the program took.  Nothing is
 * released twice, or by one that does not hold it.
 *
 * build: -pthread -ldl
 * expect: nothing
 */
#include "plugin.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t handed_on = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
static void (*take)(pthread_mutex_t *), (*give_up)(pthread_mutex_t *);
static void (*take_to_write)(pthread_rwlock_t *);
static int given_up, over;

static void *first(void *unused)
{
	IS(0, pthread_mutex_lock(&handed_on));
	give_up(&handed_on);
	meet(&given_up, 2);
	meet(&over, 2);
	return unused;
}

static void with_two(void)
{
	pthread_t t = thread_start(first, NULL);

	meet(&given_up, 2);
	take(&handed_on);
	IS(0, pthread_mutex_unlock(&handed_on));
	meet(&over, 2);
	thread_end(t);
}

int main(void)
{
	void *library =
		plugin_open_with("plugin_hold", RTLD_NOW | RTLD_DEEPBIND);

	*(void **)&take = plugin_symbol(library, "plugin_lock");
	*(void **)&give_up = plugin_symbol(library, "plugin_unlock");
	*(void **)&take_to_write = plugin_symbol(library, "plugin_write");
	IS(0, pthread_mutex_lock(&m));
	IS(0, pthread_mutex_unlock(&m));
	take(&m);
	IS(0, pthread_mutex_unlock(&m));

	IS(0, pthread_rwlock_wrlock(&l));
	IS(0, pthread_rwlock_unlock(&l));
	take_to_write(&l);
	IS(0, pthread_rwlock_unlock(&l));
	with_two();
	return 0;
}

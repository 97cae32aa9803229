/* SPDX-License-Identifier: MIT */
/*
 * A library for dlopen_unseen.c, dlopen_deepbind.c and dlopen_namespace.c: it
 * takes two locks of its caller's and calls it back.
 */
#include <pthread.h>

void plugin_take(pthread_mutex_t *first, pthread_mutex_t *second,
		 void (*inside)(void));

__attribute__((noinline)) static void plugin_inner(pthread_mutex_t *second,
						   void (*inside)(void))
{
	pthread_mutex_lock(second);
	if (inside)
		inside();
	pthread_mutex_unlock(second);
}

void plugin_take(pthread_mutex_t *first, pthread_mutex_t *second,
		 void (*inside)(void))
{
	pthread_mutex_lock(first);
	plugin_inner(second, inside);
	pthread_mutex_unlock(first);
}

/* SPDX-License-Identifier: MIT */
/*
 * A library for dlopen_close.c: it locks as it is loaded, used and unloaded,
 * and its mutex goes with it.
 */
#include <pthread.h>
#include <stdio.h>

void plugin_use(void);
extern pthread_mutex_t plugin_pair[2]; /* for again_dlclose.c */

pthread_mutex_t plugin_pair[2];
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void loaded(void)
{
	pthread_mutex_lock(&m);
	printf("loaded\n");
	pthread_mutex_unlock(&m);
}

__attribute__((destructor)) static void unloaded(void)
{
	pthread_mutex_lock(&m);
	printf("unloaded\n");
	pthread_mutex_unlock(&m);
}

void plugin_use(void)
{
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
}

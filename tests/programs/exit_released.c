/* SPDX-License-Identifier: MIT */
/*
 * Threads that take several locks and have given all of them back when they
 * end, by returning, by pthread_exit() and by being cancelled.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;

static void unlock(void *unused)
{
	(void)unused;
	pthread_rwlock_unlock(&l);
	pthread_mutex_unlock(&m);
}

static void *leaver(void *how)
{
	pthread_mutex_lock(&m);
	pthread_rwlock_rdlock(&l);
	pthread_cleanup_push(unlock, NULL);
	if (*(const char *)how == 'e')
		pthread_exit(NULL);
	if (*(const char *)how == 'c') {
		pthread_cancel(pthread_self());
		pthread_testcancel();
	}
	pthread_cleanup_pop(1);
	return NULL;
}

int main(void)
{
	static char how[] = "rec";

	for (const char *h = how; *h; h++)
		SHOW(thread_end(thread_start(leaver, (void *)h)) != NULL);
	IS(0, pthread_mutex_trylock(&m));
	IS(0, pthread_rwlock_trywrlock(&l));
	return 0;
}

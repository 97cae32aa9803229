/* SPDX-License-Identifier: MIT */
/*
 * Cancellation and pthread_exit through C functions with cleanup variables,
 * built so that these run.
 *
 * build: -pthread -fexceptions
 * expect: nothing
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void unlock(pthread_mutex_t **locked)
{
	printf("unlock: %d\n", pthread_mutex_unlock(*locked));
}

__attribute__((noinline)) static void leave(const char *how)
{
	pthread_mutex_t *guard __attribute__((cleanup(unlock))) = &m;

	pthread_mutex_lock(guard);
	if (*how == 'e')
		pthread_exit(NULL);
	pthread_cancel(pthread_self());
	pthread_testcancel();
	printf("not reached\n");
}

static void *body(void *how)
{
	leave((const char *)how);
	return NULL;
}

int main(void)
{
	static char exits[] = "e", cancelled[] = "c";

	IS(1, thread_end(thread_start(body, cancelled)) == PTHREAD_CANCELED);
	IS(1, thread_end(thread_start(body, exits)) == NULL);
	IS(0, pthread_mutex_trylock(&m));
	return 0;
}

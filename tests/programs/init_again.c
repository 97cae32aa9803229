/* SPDX-License-Identifier: MIT */
/*
 * A mutex that was used, and that nobody holds, is initialised again; POSIX
 * leaves it undefined unless it was destroyed before.
 *
 * expect: lock-init-live
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void *user(void *unused)
{
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	thread_end(thread_start(user, NULL));
	IS(0, pthread_mutex_init(&m, NULL));
	thread_end(thread_start(user, NULL));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A mutex is initialised again when nobody holds it any more, with and
 * without having been destroyed; and memory that was a mutex's becomes
 * another one's.
 *
 * expect: nothing
 */
#include "program.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void *user(void *unused)
{
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	return unused;
}

static void use_own(void)
{
	pthread_mutex_t own;

	pthread_mutex_init(&own, NULL);
	pthread_mutex_lock(&own);
	pthread_mutex_unlock(&own);
}

int main(void)
{
	thread_end(thread_start(user, NULL));
	IS(0, pthread_mutex_init(&m, NULL));
	thread_end(thread_start(user, NULL));
	IS(0, pthread_mutex_destroy(&m));
	IS(0, pthread_mutex_init(&m, NULL));
	thread_end(thread_start(user, NULL));
	use_own();
	use_own();
	return 0;
}
